"""The vault: seals what must not be read, and opens it only where it belongs."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from .._settings import Settings
from ..errors import StoreLocked, Tampered, WrongKey
from ._envelope import Envelope, canonical, seal_with, works_as_published
from ._key import MasterKey
from ._keyring import KeyringFactory, installed_keyring
from ._sources import KeySearch

#: What each master key seals once, so that a wrong key is told from a damaged row.
_CHECK: Final = b"jupyter-connections key check"
_CHECK_BINDING: Final = "key check"
_AGAIN: Final = "Authorize the connection again, or bring back a backup of the store"


class Vault:
    """Seals and opens the secrets of one store. It shows none of its keys.

    Args:
        keys: The master keys, newest first; the newest seals, all open.
        deployment: The store's id: a secret of one store does not open in another.
        key_source: Where the keys come from, in words for people.
        random_bytes: Where data keys and nonces come from.
    """

    def __init__(
        self,
        keys: Sequence[MasterKey],
        *,
        deployment: str,
        key_source: str,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.key_source = key_source
        self._deployment = deployment
        self._newest = keys[0]
        self._keys = {key.id: key for key in keys}
        self._random_bytes = random_bytes

    def seal(self, plaintext: bytes, *, binding: Sequence[str]) -> bytes:
        """Seal a secret for one place.

        Args:
            plaintext: The secret.
            binding: All that must stay as it is for the secret to open again: table,
                column, row, owner, and where the credential may be sent.
        """
        return self._seal_under(self._newest, plaintext, binding)

    def open(self, sealed: bytes, *, binding: Sequence[str]) -> bytes:
        """Open a secret.

        Args:
            sealed: What `seal` returned.
            binding: The same texts as then, in the same order.

        Raises:
            Tampered: If the row, or what it is bound to, was changed or moved.
            WrongKey: If it was sealed with a key that is not among ours.
        """
        bound_to = self._bound_to(binding)
        envelope = Envelope.read(sealed)
        if envelope is None:
            raise Tampered("A stored secret is damaged and cannot be read", _AGAIN)
        key = self._keys.get(envelope.key_id)
        if key is None:
            raise WrongKey(
                f"A stored secret was sealed with a key that is not in the "
                f"{self.key_source.partition(',')[0]}",
                "Name the key file that has it in JUPYTER_CONNECTIONS_KEY_FILE",
            )
        plaintext = envelope.open_with(key, bound_to)
        if plaintext is None:
            raise Tampered(
                "A stored secret does not open: its row, or the service it was "
                "obtained for, was changed outside of this program",
                _AGAIN,
            )
        return plaintext

    def key_checks(self) -> dict[str, bytes]:
        """Return, by key id in hex, a sealed constant for each key.

        Store those that the store has not got yet, and hand them all to `open_vault`
        at the next start.
        """
        return {
            key.id.hex(): self._seal_under(key, _CHECK, _check_binding(key))
            for key in self._keys.values()
        }

    def verify(self, checks: Mapping[str, bytes]) -> None:
        """Make sure that the store's key checks open with our keys.

        Raises:
            Tampered: If one that our keys sealed does not.
        """
        for key in self._keys.values():
            sealed = checks.get(key.id.hex())
            if sealed is not None and not self._is_check(sealed, key):
                raise Tampered(
                    "The store does not belong to its key: its identity or its key "
                    "check was changed outside of this program",
                    "Bring back a backup of the store",
                )

    def __repr__(self) -> str:
        return f"<Vault: {self.key_source}>"

    def __reduce__(self) -> NoReturn:
        msg = "a vault cannot be serialised"
        raise TypeError(msg)

    def _seal_under(
        self, key: MasterKey, plaintext: bytes, binding: Sequence[str]
    ) -> bytes:
        bound_to = self._bound_to(binding)
        return seal_with(key, plaintext, bound_to, random_bytes=self._random_bytes)

    def _bound_to(self, binding: Sequence[str]) -> bytes:
        return canonical((self._deployment,)) + canonical(binding)

    def _is_check(self, sealed: bytes, key: MasterKey) -> bool:
        try:
            return self.open(sealed, binding=_check_binding(key)) == _CHECK
        except (Tampered, WrongKey):
            return False


def open_vault(
    settings: Settings,
    *,
    deployment: str,
    checks: Mapping[str, bytes],
    has_sealed_rows: bool,
    keyring: KeyringFactory = installed_keyring,
    patience: float = 3.0,
) -> Vault:
    """Find the master key of a store, or make it if the store is new, and check it.

    Args:
        settings: Where keys may be.
        deployment: The store's id.
        checks: The store's key-check table, by key id in hex.
        has_sealed_rows: The store holds secrets: then no key is ever made.
        keyring: Makes the keyring back end; asked only when it is needed.
        patience: How many seconds the system keyring has to answer.

    Raises:
        StoreLocked: If the key cannot be read, or is not here.
        WrongKey: If the key that is here never sealed this store.
        Tampered: If the key is right and the store's identity was changed.
    """
    if not works_as_published():
        raise StoreLocked(
            "The installed cryptography package does not do AES-256-GCM as published",
            "Run pip install --upgrade cryptography",
        )
    search = KeySearch(
        settings=settings,
        deployment=deployment,
        known=frozenset(_key_id(kid) for kid in checks),
        is_sealed=has_sealed_rows or bool(checks),
        keyring=keyring,
        patience=patience,
    )
    found = search.find()
    vault = Vault(found.keys, deployment=deployment, key_source=found.source)
    vault.verify(checks)
    return vault


def _check_binding(key: MasterKey) -> tuple[str, str]:
    return _CHECK_BINDING, key.id.hex()


def _key_id(written: str) -> bytes:
    try:
        return bytes.fromhex(written)
    except ValueError:
        return b""  # no key of ours has this id
