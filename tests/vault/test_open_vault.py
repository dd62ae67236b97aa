import base64
import logging
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core.errors import StoreLocked
from conn_core.vault import _lock
from conn_core.vault._key import MasterKey

SECRET = b"CNRY-open-vault-client-secret-12"
BINDING = ("registrations", "sealed_secret", "github")


def test_a_key_file_that_is_named_is_used(opened, key_file, as_text, generated):
    """The operator's file comes first, and nothing is generated beside it."""
    path = key_file(as_text())
    vault = opened(key_file=path)
    sealed = vault.seal(SECRET, binding=BINDING)

    assert f"key file {path}" == vault.key_source
    assert SECRET == opened(key_file=path, checks=vault.key_checks()).open(
        sealed, binding=BINDING
    )
    assert not generated.exists()


def test_a_key_file_that_is_named_comes_before_the_keyring(
    opened, key_file, as_text, secret_service
):
    """With a file named, the keyring is not even asked."""
    opened(
        key_file=key_file(as_text()), use_keyring=True, keyring=lambda: secret_service
    )

    assert [] == secret_service.calls


def test_Q19_a_named_file_that_is_missing_is_never_replaced(
    opened, tmp_path, secret_service, generated
):
    """A wrong path is an error even for a new store, not a key somewhere else."""
    path = tmp_path / "nowhere.key"
    with pytest.raises(StoreLocked) as caught:
        opened(key_file=path, use_keyring=True, keyring=lambda: secret_service)

    assert f"The key file {path} does not exist" == caught.value.message
    assert [] == secret_service.calls
    assert not generated.exists()
    assert not path.exists()


def test_a_new_store_puts_its_key_into_the_keyring(opened, secret_service, generated):
    """With a real key store the key goes there, and stays to be found."""
    vault = opened(use_keyring=True, keyring=lambda: secret_service)
    sealed = vault.seal(SECRET, binding=BINDING)
    again = opened(
        use_keyring=True,
        keyring=lambda: secret_service,
        checks=vault.key_checks(),
        has_sealed_rows=True,
    )

    assert "system keyring (Secret Service)" == vault.key_source == again.key_source
    assert SECRET == again.open(sealed, binding=BINDING)
    assert not generated.exists()


def test_two_stores_have_two_keys_in_the_keyring(opened, secret_service):
    """The entry carries the store's identity: one store does not take another's."""
    for deployment in ("one", "two"):
        opened(use_keyring=True, keyring=lambda: secret_service, deployment=deployment)

    names = {name for _, name in secret_service.entries}
    assert {"master key of one", "master key of two"} == names
    assert 2 == len(set(secret_service.entries.values()))


def test_P1_a_new_store_without_keyring_gets_a_key_file(opened, generated):
    """The generated file is private, and is named aloud for what it is."""
    vault = opened()
    sealed = vault.seal(SECRET, binding=BINDING)
    again = opened(checks=vault.key_checks(), has_sealed_rows=True)

    assert (
        f"generated key file {generated}, which protects copies of the database only"
        == vault.key_source
    )
    assert 0o600 == stat.S_IMODE(generated.stat().st_mode)
    assert 0o700 == stat.S_IMODE(generated.parent.stat().st_mode)
    assert 32 == len(base64.b64decode(generated.read_bytes()))
    assert SECRET == again.open(sealed, binding=BINDING)


@pytest.mark.parametrize("state", ["hangs", "locked", "plain", "cut", "damaged"])
def test_Q22_Q23_Q24_a_new_store_says_why_it_uses_a_file(
    opened, keyring_like, locked_keyring, generated, caplog, state
):
    """A keyring that cannot be used is not passed over silently."""
    release = threading.Event()
    entry = "jupyter-connections", "master key of 6b1d0c9e"
    real = "keyring.backends.SecretService.Keyring"
    cut = lambda self, *_: self.entries.update({entry: "short"})  # noqa: E731 - one use
    backends = {
        "hangs": keyring_like(real, get_password=lambda *_: release.wait(60)),
        "locked": locked_keyring,
        "plain": keyring_like("keyrings.alt.file.PlaintextKeyring"),
        "cut": keyring_like(real, set_password=cut),
        "damaged": keyring_like(real, get_password=lambda *_: "short"),
    }
    words = {"hangs": "locked", "plain": "unusable", "cut": "empty"}
    patience = 0.2 if state == "hangs" else 60
    with caplog.at_level(logging.WARNING, logger="conn_core"):
        vault = opened(
            use_keyring=True, keyring=lambda: backends[state], patience=patience
        )
    release.set()

    assert vault.key_source.startswith("generated key file ")
    assert [
        f"The system keyring is {words.get(state, state)}; a key file is used instead"
    ] == caplog.messages
    assert generated.exists()


def test_a_generated_key_is_used_again_by_a_new_store(
    opened, generated, secret_service
):
    """A key that lies there is taken before another is made anywhere."""
    opened()
    before = generated.read_bytes()
    opened(use_keyring=True, keyring=lambda: secret_service, deployment="another")

    assert before == generated.read_bytes()
    assert [] == secret_service.calls


def test_a_store_with_its_key_in_the_file_does_not_wait_for_the_keyring(
    opened, secret_service
):
    """The keyring may need seconds and has nothing to add."""
    vault = opened()
    opened(checks=vault.key_checks(), use_keyring=True, keyring=lambda: secret_service)

    assert [] == secret_service.calls


def test_Q30_a_backup_opens_where_its_key_is_brought(opened, key_file, generated):
    """Database from the backup, key file named: everything opens."""
    vault = opened()
    sealed = vault.seal(SECRET, binding=BINDING)
    kept = key_file(generated.read_bytes())
    generated.unlink()
    restored = opened(key_file=kept, checks=vault.key_checks(), has_sealed_rows=True)

    assert SECRET == restored.open(sealed, binding=BINDING)


def test_a_new_key_in_front_of_the_list_seals_from_now_on(opened, key_file, as_text):
    """Rotation: the store knows the old key only, the file has both."""
    old = opened(key_file=key_file(as_text(1), name="old.key"))
    sealed = old.seal(SECRET, binding=BINDING)
    both = key_file(as_text(2) + b"\n" + as_text(1), name="both.key")
    vault = opened(key_file=both, checks=old.key_checks(), has_sealed_rows=True)

    assert SECRET == vault.open(sealed, binding=BINDING)
    assert 2 == len(vault.key_checks())
    assert vault.seal(b"", binding=())[2:10].hex() in set(vault.key_checks()) - set(
        old.key_checks()
    )


def test_a_key_in_the_keyring_does_not_need_a_wrong_file(
    opened, secret_service, generated
):
    """A file of another store is left out when the keyring has the key."""
    vault = opened(use_keyring=True, keyring=lambda: secret_service)
    opened(deployment="another")
    again = opened(
        checks=vault.key_checks(), use_keyring=True, keyring=lambda: secret_service
    )

    assert generated.exists()
    assert "system keyring (Secret Service)" == again.key_source
    assert set(vault.key_checks()) == set(again.key_checks())


def test_rows_of_file_and_keyring_open_together(opened, secret_service, generated):
    """Keyring and file made a key each in the same moment: later both are used."""
    in_keyring = opened(use_keyring=True, keyring=lambda: secret_service)
    in_file = opened()
    rows = [vault.seal(SECRET, binding=BINDING) for vault in (in_keyring, in_file)]
    vault = opened(
        checks=in_keyring.key_checks() | in_file.key_checks(),
        has_sealed_rows=True,
        use_keyring=True,
        keyring=lambda: secret_service,
    )

    assert [SECRET, SECRET] == [vault.open(row, binding=BINDING) for row in rows]
    assert (
        f"system keyring (Secret Service) and generated key file {generated}, "
        "which protects copies of the database only" == vault.key_source
    )


def test_sealed_rows_without_any_check_open_with_the_key_at_hand(opened):
    """A lost check table is no reason to lose the rows; each row names its key."""
    vault = opened()
    sealed = vault.seal(SECRET, binding=BINDING)
    again = opened(checks={}, has_sealed_rows=True)

    assert SECRET == again.open(sealed, binding=BINDING)
    assert set(vault.key_checks()) == set(again.key_checks())


def test_sealed_rows_without_any_check_open_with_the_keyring(opened, secret_service):
    """The same when the key is in the keyring."""
    vault = opened(use_keyring=True, keyring=lambda: secret_service)
    sealed = vault.seal(SECRET, binding=BINDING)
    again = opened(
        has_sealed_rows=True, use_keyring=True, keyring=lambda: secret_service
    )

    assert SECRET == again.open(sealed, binding=BINDING)


def test_a_key_check_is_named_by_its_key(opened, key_file, material):
    """The ids are those of the keys, and the constant is sealed afresh each time."""
    path = key_file(material(1))
    vault = opened(key_file=path)
    one, other = vault.key_checks(), vault.key_checks()

    assert [MasterKey(material(1)).id.hex()] == list(one)
    assert one != other


def test_one_key_is_made_when_many_start_at_once(opened):
    """Twelve threads open a new store: they agree on one key."""
    gate = threading.Barrier(12)

    def start(_number):
        gate.wait(20)
        return frozenset(opened().key_checks())

    with ThreadPoolExecutor(12) as pool:
        assert 1 == len(set(pool.map(start, range(12))))


def test_one_key_is_put_into_the_keyring_when_many_start_at_once(
    opened, secret_service
):
    """The same with a keyring, which would let the last writer win."""
    gate = threading.Barrier(12)

    def start(_number):
        gate.wait(20)
        vault = opened(use_keyring=True, keyring=lambda: secret_service)
        return frozenset(vault.key_checks())

    with ThreadPoolExecutor(12) as pool:
        assert 1 == len(set(pool.map(start, range(12))))
    assert 1 == secret_service.calls.count("set")


PROGRAM = """
import sys
from pathlib import Path
from conn_core import Settings
from conn_core.vault import open_vault
data = Path(sys.argv[1])
settings = Settings(data_dir=data, runtime_dir=data, user="sam", use_keyring=False)
sys.stdin.read(1)
vault = open_vault(settings, deployment="d", checks={}, has_sealed_rows=False)
print(*vault.key_checks())
"""


def test_one_key_is_made_when_processes_start_at_once(tmp_path):
    """Four processes open a new store: they agree on one key."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)
    ]
    answers = [process.communicate("x", timeout=60)[0] for process in running]

    assert [0] * 4 == [process.returncode for process in running]
    assert 1 == len(set(answers))
    assert 17 == len(answers[0])


def test_a_folder_without_locks_is_reported(opened, monkeypatch, generated):
    """Where the file system cannot lock, no key is made that another may overwrite."""

    def refused(_descriptor):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(_lock, "_lock", refused)

    with pytest.raises(
        StoreLocked, match=r"No key can be made in .*No locks available"
    ):
        opened()
    assert not generated.exists()


def test_a_link_in_the_place_of_the_lock_is_not_followed(opened, generated, tmp_path):
    """A planted link would make us create a file somewhere else."""
    generated.parent.mkdir(parents=True, mode=0o700)
    (generated.parent / ".lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreLocked, match="No key can be made in"):
        opened()
    assert not (tmp_path / "elsewhere").exists()


def test_the_keyring_package_is_imported_only_when_it_is_asked(tmp_path):
    """Opening a store with a key file imports no keyring."""
    program = PROGRAM.replace("print(", "print('keyring' in sys.modules) #")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "data")],
        input="x",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "False" == done.stdout.strip()
