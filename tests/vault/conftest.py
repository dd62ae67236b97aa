import base64
from pathlib import Path

import pytest

from conn_core import Settings
from conn_core.vault import Vault, open_vault
from conn_core.vault._key import MasterKey

DEPLOYMENT = "6b1d0c9e"


class NoKeyring:
    """What the keyring package returns where there is no key store."""


class MemoryKeyring:
    """A key store in memory; it claims the class of a real one."""

    def __init__(self):
        self.entries = {}
        self.calls = []

    def get_password(self, service, username):
        self.calls.append("get")
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.calls.append("set")
        self.entries[service, username] = password

    def delete_password(self, service, username):
        self.calls.append("delete")
        del self.entries[service, username]


@pytest.fixture
def keyring_like():
    """Make a key store that claims the class of a back end of the keyring package."""

    def make(path, base=MemoryKeyring, **members):
        module, _, name = path.rpartition(".")
        return type(name, (base,), {"__module__": module, **members})()

    return make


@pytest.fixture
def secret_service(keyring_like):
    return keyring_like("keyring.backends.SecretService.Keyring")


@pytest.fixture
def settings(tmp_path):
    """Make settings in a fresh folder."""

    def make(**changes):
        facts = {
            "data_dir": tmp_path / "data",
            "runtime_dir": tmp_path / "run",
            "user": "sam",
            "use_keyring": False,
        }
        return Settings(**facts | changes)

    return make


@pytest.fixture
def opened(settings):
    """Open the vault of a store, new unless told otherwise."""

    def make(
        *,
        checks=None,
        has_sealed_rows=False,
        deployment=DEPLOYMENT,
        keyring=NoKeyring,
        **rest,
    ):
        patience = rest.pop("patience", 60.0)
        return open_vault(
            settings(**rest),
            deployment=deployment,
            checks=checks or {},
            has_sealed_rows=has_sealed_rows,
            keyring=keyring,
            patience=patience,
        )

    return make


@pytest.fixture
def key_file(tmp_path):
    """Write a key file, 0600 in a folder of its own."""

    def make(content, *, name="master.key", mode=0o600) -> Path:
        folder = tmp_path / "operator"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return make


@pytest.fixture
def material():
    """Return key material that is the same in each run: 32 unlike bytes."""

    def make(start=1):
        return bytes((start * 7 + n * 5) % 256 for n in range(32))

    return make


@pytest.fixture
def vault_with(material):
    """Make a vault with the keys of the given numbers, newest first."""

    def make(*starts, deployment=DEPLOYMENT):
        keys = [MasterKey(material(start)) for start in starts or (1,)]
        return Vault(keys, deployment=deployment, key_source="key file /k, for a test")

    return make


@pytest.fixture
def as_text(material):
    """Return key material as a line of base64."""

    def make(start=1):
        return base64.b64encode(material(start))

    return make


@pytest.fixture
def generated(tmp_path):
    """Where a store puts a key file of its own."""
    return tmp_path / "data" / "keys" / "master.key"


@pytest.fixture
def locked_keyring(keyring_like):
    """A keyring that nobody has unlocked."""
    import keyring.errors

    def refuse(*_args):
        raise keyring.errors.KeyringLocked

    return keyring_like("keyring.backends.SecretService.Keyring", get_password=refuse)
