"""Master keys that Vault, or somebody else, wraps."""

import base64
import sys
from importlib.metadata import EntryPoint

import pytest
from scripted_vault import ScriptedVault

from conn_core.errors import MissingPackage, StoreLocked, WrongKey
from conn_core.vault import _wrapping
from conn_core.vault._transit import vault_transit

BINDING = ("secrets", "sealed", "row")


@pytest.fixture
def vault_server(canary):
    server = ScriptedVault(canary("vault-token"))
    yield server
    server.close()


@pytest.fixture
def token_file(tmp_path, vault_server):
    file = tmp_path / "vault-token"
    file.write_text(vault_server.token + "\n")
    return file


@pytest.fixture
def environ(monkeypatch, vault_server, token_file):
    """The environment of a deployment whose key is wrapped by the server."""
    monkeypatch.setenv("VAULT_ADDR", vault_server.address)
    monkeypatch.setenv("JUPYTER_CONNECTIONS_VAULT_TOKEN_FILE", str(token_file))
    entry = EntryPoint(
        "vault", "conn_core.vault._transit:vault_transit", _wrapping.GROUP
    )
    monkeypatch.setattr(_wrapping, "entry_points", lambda group: [entry])


@pytest.fixture
def wrapped_file(tmp_path):
    return tmp_path / "data" / "keys" / "master.key.wrapped"


def test_a_new_store_has_its_key_wrapped(
    opened, environ, vault_server, wrapped_file, canary
):
    """What lies on the disk is Vault's text; it opens only by asking Vault."""
    vault = opened(key_wrapper="vault")
    sealed = vault.seal(b"CNRY-secret", binding=BINDING)
    again = opened(key_wrapper="vault", checks=vault.key_checks())

    assert wrapped_file.read_text().startswith("vault:v1:")
    assert 0o600 == wrapped_file.stat().st_mode & 0o777
    assert (
        f"key file {wrapped_file}, wrapped by Vault at 127.0.0.1 "
        "(transit key jupyter-connections)" == again.key_source
    )
    assert b"CNRY-secret" == again.open(sealed, binding=BINDING)
    assert {
        "/v1/transit/encrypt/jupyter-connections",
        "/v1/transit/decrypt/jupyter-connections",
    } == set(vault_server.calls)
    canary.sweep([wrapped_file.parent], {"source": again.key_source})


def test_key_and_mount_may_have_other_names(opened, environ, vault_server, monkeypatch):
    """As Vault's operator chose them."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_VAULT_KEY", "notebooks")
    monkeypatch.setenv("JUPYTER_CONNECTIONS_VAULT_MOUNT", "team/transit")
    # The wrapper reads the environment when it is made.
    opened(key_wrapper="vault")
    assert "/v1/team/transit/encrypt/notebooks" == vault_server.calls[0]


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("sealed", "does not answer"),
        ("disabled", "has no such key any more, or it is disabled"),
        ("wrong", "is no key|is not the one that sealed|does not give the same back"),
    ],
)
def test_F64_F65_vault_in_a_mood_locks_the_store_and_not_those_who_run(
    opened, environ, vault_server, mood, words
):
    """No key is made in its place; a running process goes on with what it has."""
    running = opened(key_wrapper="vault")
    sealed = running.seal(b"CNRY-secret", binding=BINDING)
    vault_server.mood = mood
    with pytest.raises(StoreLocked, match=words):
        opened(key_wrapper="vault", checks=running.key_checks(), has_sealed_rows=True)
    assert b"CNRY-secret" == running.open(sealed, binding=BINDING)
    assert running.seal(b"CNRY-more", binding=BINDING)


def test_F64_vault_that_is_gone_is_said_plainly(
    opened, environ, vault_server, wrapped_file, token_file, monkeypatch
):
    """Nobody listens: a typed error within seconds, and one command."""
    vault = opened(key_wrapper="vault")
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    with pytest.raises(StoreLocked, match="does not answer") as caught:
        opened(key_wrapper="vault", checks=vault.key_checks())
    assert "Start or unseal it" in caught.value.hint
    token_file.write_text("CNRY-another\n")
    monkeypatch.setenv("VAULT_ADDR", vault_server.address)
    with pytest.raises(StoreLocked, match="refuses us") as caught:
        opened(key_wrapper="vault", checks=vault.key_checks())
    assert "update rights on transit/encrypt" in caught.value.hint
    assert "CNRY" not in str(caught.value)


def test_F64_nothing_is_made_while_vault_is_down(
    opened, environ, vault_server, wrapped_file
):
    """A new store waits for its key: there is no worse one."""
    vault_server.mood = "sealed"
    with pytest.raises(StoreLocked, match="does not answer"):
        opened(key_wrapper="vault")
    assert not wrapped_file.exists()
    vault_server.mood = "wrong"
    with pytest.raises(StoreLocked, match="does not give the same back"):
        opened(key_wrapper="vault")
    assert not wrapped_file.exists()


def test_Q19_a_wrapped_file_that_is_gone_is_never_replaced(
    opened, environ, wrapped_file
):
    """The recovery code brings the key back."""
    vault = opened(key_wrapper="vault")
    wrapped_file.unlink()
    with pytest.raises(StoreLocked, match="does not exist") as caught:
        opened(key_wrapper="vault", checks=vault.key_checks())
    assert "key recover" in caught.value.hint
    assert not wrapped_file.exists()
    wrapped_file.write_text("# nothing\n")
    wrapped_file.chmod(0o600)
    with pytest.raises(StoreLocked, match="holds no wrapped key"):
        opened(key_wrapper="vault", checks=vault.key_checks())


def test_Q20_the_wrapped_key_of_another_store_is_refused(opened, environ, wrapped_file):
    """It opens, and is the wrong one."""
    checks = opened(key_wrapper="vault").key_checks()
    wrapped_file.unlink()
    opened(key_wrapper="vault")
    with pytest.raises(WrongKey):
        opened(key_wrapper="vault", checks=checks)


def test_Q27_a_wrapped_key_is_added_and_taken_away(opened, environ, wrapped_file):
    """Each in a line of its own, wrapped; another process takes it by itself."""
    from conn_core.vault import new_key

    one, other = opened(key_wrapper="vault"), opened(key_wrapper="vault")
    old = one.newest_id
    one.add_key(new_key())
    assert (one.newest_id, old) == one.key_ids
    assert 2 == len(wrapped_file.read_text().split())
    sealed = one.seal(b"CNRY-secret", binding=BINDING)
    assert b"CNRY-secret" == other.open(sealed, binding=BINDING)
    assert one.newest_id == other.newest_id
    one.drop_key(old)
    assert 1 == len(wrapped_file.read_text().split())
    assert 32 == len(one.newest_material())


def test_without_an_address_or_the_package_it_is_said(monkeypatch):
    """With what to set, and what to install."""
    with pytest.raises(StoreLocked, match="VAULT_ADDR does not name"):
        vault_transit({})
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(MissingPackage, match="need the hvac package"):
        vault_transit({"VAULT_ADDR": "http://vault.example"})


def test_without_a_token_file_hvac_finds_its_own(vault_server, monkeypatch):
    """VAULT_TOKEN, as Vault's own tools read it."""
    monkeypatch.setenv("VAULT_TOKEN", vault_server.token)
    wrapper = vault_transit({"VAULT_ADDR": vault_server.address})
    assert b"CNRY-" + bytes(27) == wrapper.unwrap(wrapper.wrap(b"CNRY-" + bytes(27)))


# --- anybody else's wrapper -----------------------------------------------------------


class Cloud:
    """The key management of a cloud, in memory."""

    name = "Cloud KMS (key notebooks)"

    def wrap(self, material):
        return "c:" + base64.b64encode(material[::-1]).decode()

    def unwrap(self, blob):
        return base64.b64decode(blob.removeprefix("c:"))[::-1]


@pytest.fixture
def brought(monkeypatch):
    """Let another package bring a wrapper."""

    def bring(make):
        class Entry:
            name = "cloud"

            def load(self):
                return make

        monkeypatch.setattr(_wrapping, "entry_points", lambda group: [Entry()])

    return bring


def test_a_wrapper_of_another_package_is_used(opened, brought, wrapped_file):
    """By its name in the entry point group."""
    brought(Cloud)
    vault = opened(key_wrapper="cloud")
    sealed = vault.seal(b"CNRY-secret", binding=BINDING)
    again = opened(key_wrapper="cloud", checks=vault.key_checks())
    assert b"CNRY-secret" == again.open(sealed, binding=BINDING)
    assert wrapped_file.read_text().startswith("c:")


def test_its_errors_become_one_sentence_without_their_words(opened, brought, canary):
    """They may repeat what they were given."""
    secret = canary("kms-token")

    class Broken(Cloud):
        def unwrap(self, blob):
            raise RuntimeError(secret)

    class Mute(Broken):
        def wrap(self, material):
            raise RuntimeError(secret)

    class Refusing(Cloud):
        def wrap(self, material):
            raise StoreLocked("It is disabled")

        def unwrap(self, blob):
            raise StoreLocked("It is disabled")

    def unable():
        raise RuntimeError(secret)

    def lacking():
        raise MissingPackage("It needs a package")

    for make, words in [
        (Broken, r"could not unwrap the store's key \(RuntimeError\)"),
        (Mute, r"could not wrap the key \(RuntimeError\)"),
        (Refusing, "It is disabled"),
        (unable, r"cloud could not be opened \(RuntimeError\)"),
        (lacking, "It needs a package"),
    ]:
        brought(make)
        with pytest.raises((StoreLocked, MissingPackage), match=words) as caught:
            opened(key_wrapper="cloud")
        assert secret not in str(caught.value)
    with pytest.raises(StoreLocked, match="It is disabled"):
        _wrapping.unwrapped(Refusing(), "x")


def test_a_name_that_nobody_brings_is_said_with_those_there_are(opened, brought):
    """A typing mistake must not end in a key elsewhere."""
    brought(Cloud)
    with pytest.raises(StoreLocked, match=r"name of 'clod' .there is: cloud."):
        opened(key_wrapper="clod")


def test_what_is_no_key_is_not_taken_for_one(opened, brought):
    """A wrapper that was given something else to unwrap."""

    class Short(Cloud):
        def unwrap(self, blob):
            return b"short"

    brought(Short)
    with pytest.raises(StoreLocked, match=r"What Cloud KMS .* unwrapped is no key"):
        opened(key_wrapper="cloud")


# --- for how long -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "words", "command"),
    [
        ("sealed", "does not answer", "Run vault status"),
        ("disabled", "or it is disabled", "Run vault read transit/keys/"),
    ],
)
def test_F64_F65_who_runs_goes_on_for_the_minutes_of_the_setting(
    opened, environ, vault_server, monkeypatch, mood, words, command
):
    """Then the same error as for who starts, and everything opens once Vault is back."""
    from conn_core.vault import _held

    now = [0.0]
    monkeypatch.setitem(
        _held.HeldKeys.__init__.__kwdefaults__, "seconds", lambda: now[0]
    )
    running = opened(key_wrapper="vault", key_held_minutes=5)
    sealed = running.seal(b"CNRY-secret", binding=BINDING)
    vault_server.mood = mood
    now[0] = 299.0
    assert b"CNRY-secret" == running.open(sealed, binding=BINDING)
    now[0] = 300.0
    with pytest.raises(StoreLocked, match=words) as caught:
        running.open(sealed, binding=BINDING)
    assert "held for the 5 minutes" in caught.value.message
    assert caught.value.hint.startswith(command)
    vault_server.mood = "up"
    now[0] = 320.0
    assert b"CNRY-secret" == running.open(sealed, binding=BINDING)
