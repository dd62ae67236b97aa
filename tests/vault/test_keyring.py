import threading
import time
import warnings

import pytest

from conn_core.vault._key import MasterKey
from conn_core.vault._keyring import ask_keyring, installed_keyring

ENTRY = "master key of 6b1d0c9e"
REAL = {
    "keyring.backends.macOS.Keyring": "Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
}


@pytest.fixture
def new_key(as_text):
    return lambda: as_text(4).decode()


@pytest.mark.parametrize(("path", "name"), list(REAL.items()))
def test_a_real_key_store_keeps_a_new_key(keyring_like, new_key, material, path, name):
    """The key is stored, read back, and found again later."""
    backend = keyring_like(path)
    made = ask_keyring(lambda: backend, ENTRY, patience=60, new_key=new_key)
    later = ask_keyring(lambda: backend, ENTRY, patience=60)

    assert ("found", name) == (made.state, made.name)
    assert ("found", name) == (later.state, later.name)
    assert MasterKey(material(4)).id == made.keys[0].id == later.keys[0].id
    assert ["get", "set", "get", "get"] == backend.calls
    assert [("jupyter-connections", ENTRY)] == list(backend.entries)


def test_the_class_names_are_those_of_the_keyring_package():
    """Each name on the list is a class of the installed keyring package."""
    import importlib

    for path in REAL:
        module, _, name = path.rpartition(".")
        with warnings.catch_warnings():
            # Older bindings of libsecret warn about themselves when imported.
            warnings.simplefilter("ignore")
            found = getattr(importlib.import_module(module), name)
        assert path == f"{found.__module__}.{found.__qualname__}"


@pytest.mark.parametrize(
    "path",
    [
        "keyrings.alt.file.PlaintextKeyring",
        "keyrings.alt.file.EncryptedKeyring",
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.SecretService.Keyring2",
        "my.own.Keyring",
    ],
)
def test_Q22_other_key_stores_are_not_asked(keyring_like, new_key, path):
    """A plaintext, empty, failing or unknown back end never sees the key."""
    backend = keyring_like(path)
    answer = ask_keyring(lambda: backend, ENTRY, patience=60, new_key=new_key)

    assert "unusable" == answer.state
    assert [] == backend.calls


def test_Q22_a_subclass_of_a_real_key_store_is_not_asked(keyring_like, new_key):
    """A subclass may do anything with the key."""
    real = type(keyring_like("keyring.backends.macOS.Keyring"))
    backend = type("Keyring", (real,), {"__module__": "somewhere.else"})()

    assert "unusable" == ask_keyring(lambda: backend, ENTRY, patience=60).state
    assert [] == backend.calls


def test_Q22_of_a_chain_only_the_real_one_is_asked(keyring_like, new_key):
    """Where plaintext and real back ends are chained, the key goes to the real one."""
    plain = keyring_like("keyrings.alt.file.PlaintextKeyring")
    wallet = keyring_like("keyring.backends.kwallet.DBusKeyring")
    chain = keyring_like(
        "keyring.backends.chainer.ChainerBackend", backends=[plain, wallet]
    )
    answer = ask_keyring(lambda: chain, ENTRY, patience=60, new_key=new_key)

    assert ("found", "KWallet") == (answer.state, answer.name)
    assert ([], []) == (plain.calls, chain.calls)
    assert 1 == len(wallet.entries)


def test_Q22_a_chain_of_nothing_real_is_not_asked(keyring_like, new_key):
    """A chain of plaintext back ends is none."""
    plain = keyring_like("keyrings.alt.file.PlaintextKeyring")
    chain = keyring_like("keyring.backends.chainer.ChainerBackend", backends=[plain])

    answer = ask_keyring(lambda: chain, ENTRY, patience=60, new_key=new_key)
    assert "unusable" == answer.state
    assert [] == plain.calls


def test_an_empty_key_store_is_told_from_none(secret_service):
    """Looking without permission to make a key stores nothing."""
    answer = ask_keyring(lambda: secret_service, ENTRY, patience=60)

    assert ("empty", "Secret Service") == (answer.state, answer.name)
    assert ["get"] == secret_service.calls


@pytest.mark.parametrize("hanging", ["get_password", "set_password", "factory"])
def test_Q23_a_key_store_that_hangs_is_left_alone(keyring_like, new_key, hanging):
    """The start goes on after the patience, whichever call waits for a person."""
    release = threading.Event()

    def wait(*_args):
        release.wait(60)

    members = {} if hanging == "factory" else {hanging: wait}
    backend = keyring_like("keyring.backends.SecretService.Keyring", **members)

    def factory():
        return wait() if hanging == "factory" else backend

    started = time.monotonic()
    answer = ask_keyring(factory, ENTRY, patience=0.05, new_key=new_key)
    waited = time.monotonic() - started
    release.set()

    assert "locked" == answer.state
    assert waited < 10


def test_Q23_a_key_store_that_wakes_up_late_keeps_nothing(keyring_like, new_key):
    """Once we went on without it, no key is put there: nobody would look for it."""
    release, asked, ended = threading.Event(), threading.Event(), threading.Event()

    class Late:
        def get_password(self, service, username):
            asked.set()
            release.wait(60)

        def set_password(self, service, username, password):
            entries.append(password)

    entries = []
    backend = keyring_like("keyring.backends.SecretService.Keyring", Late)
    before = set(threading.enumerate())
    answer = ask_keyring(lambda: backend, ENTRY, patience=0.05, new_key=new_key)
    helpers = set(threading.enumerate()) - before
    release.set()
    for helper in helpers:
        helper.join(60)
    ended.set()

    assert asked.is_set()
    assert "locked" == answer.state
    assert [] == entries


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("KeyringLocked", "locked"),
        ("InitError", "unusable"),
        ("PasswordSetError", "unusable"),
        ("NoKeyringError", "unusable"),
    ],
)
def test_Q23_a_key_store_that_refuses_is_no_crash(keyring_like, name, state):
    """A dismissed prompt is *locked*, any other error *unusable*."""
    import keyring.errors

    def refuse(*_args):
        raise getattr(keyring.errors, name)("CNRY-error-text")

    backend = keyring_like(
        "keyring.backends.SecretService.Keyring", get_password=refuse
    )

    assert state == ask_keyring(lambda: backend, ENTRY, patience=60).state


def test_a_missing_keyring_package_is_no_crash():
    """Importing it may fail, or hang on the desktop's bus; both are answers."""

    def missing():
        raise ImportError

    assert "unusable" == ask_keyring(missing, ENTRY, patience=60).state


def test_Q24_a_key_store_that_cuts_values_is_not_used(keyring_like, new_key):
    """What does not read back whole is taken out again."""

    def cut(self, service, username, password):
        self.entries[service, username] = password[:20]

    backend = keyring_like("keyring.backends.macOS.Keyring", set_password=cut)
    answer = ask_keyring(lambda: backend, ENTRY, patience=60, new_key=new_key)

    assert "empty" == answer.state
    assert {} == backend.entries


def test_Q24_a_cut_key_of_earlier_is_damaged(keyring_like, new_key, as_text):
    """A stored value that is no key is reported and never written over."""
    backend = keyring_like("keyring.backends.macOS.Keyring")
    backend.entries["jupyter-connections", ENTRY] = as_text()[:20].decode()
    answer = ask_keyring(lambda: backend, ENTRY, patience=60, new_key=new_key)

    assert ("damaged", "Keychain") == (answer.state, answer.name)
    assert ["get"] == backend.calls


def test_the_keyring_package_is_asked_by_default():
    """The default factory returns the package's own choice."""
    import keyring

    assert keyring.get_keyring() is installed_keyring()
