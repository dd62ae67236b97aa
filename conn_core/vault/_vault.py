"""The vault: seals what must not be read, and opens it only where it belongs."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from .._settings import Settings
from ..errors import StoreLocked, Tampered, WrongKey
from ._envelope import Envelope, canonical, seal_with, works_as_published
from ._held import HeldKeys
from ._key import MasterKey
from ._keyring import KeyringFactory, installed_keyring
from ._places import KeyPlace
from ._sources import KeySearch

#: What each master key seals once, so that a wrong key is told from a damaged row.
_CHECK: Final = b"jupyter-connections key check"
_CHECK_BINDING: Final = "key check"
_AGAIN: Final = "Authorize the connection again, or bring back a backup of the store"


class Vault:
    """Seals and opens the secrets of one store. It shows none of its keys.

    Attributes:
        key_source: Where the keys come from, in words for people.
        deployment: The store's id.

    Args:
        keys: The master keys, newest first; the newest seals, all open.
        deployment: The store's id: a secret of one store does not open in another.
        key_source: Where the keys come from, in words for people.
        places: The same, to be looked at again when other processes add a key.
        hold: For how many seconds keys that somebody else unwraps are held without
            being confirmed; None for keys that nobody unwraps.
        random_bytes: Where data keys and nonces come from.
    """

    def __init__(
        self,
        keys: Sequence[MasterKey],
        *,
        deployment: str,
        key_source: str,
        places: Sequence[KeyPlace] = (),
        hold: float | None = None,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.key_source = key_source
        self.deployment = deployment
        self._keys = HeldKeys(keys, places=places, hold=hold)
        self._random_bytes = random_bytes

    def seal(self, plaintext: bytes, *, binding: Sequence[str]) -> bytes:
        """Seal a secret for one place.

        Args:
            plaintext: The secret.
            binding: All that must stay as it is for the secret to open again: table,
                column, row, owner, and where the credential may be sent.
        """
        return self._seal_under(self._keys.newest(), plaintext, binding)

    def open(self, sealed: bytes, *, binding: Sequence[str]) -> bytes:
        """Open a secret.

        Args:
            sealed: What `seal` returned.
            binding: The same texts as then, in the same order.

        Raises:
            Tampered: If the row, or what it is bound to, was changed or moved.
            WrongKey: If it was sealed with a key that is not among ours.
        """
        envelope, key = self._taken_apart(sealed)
        plaintext = envelope.open_with(key, self._bound_to(binding))
        if plaintext is None:
            raise _moved()
        return plaintext

    def rewrapped(self, sealed: bytes, *, binding: Sequence[str]) -> bytes:
        """Wrap a secret's data key with the newest master key; the secret stays closed.

        Args:
            sealed: What `seal` returned.
            binding: The same texts as then, in the same order.

        Raises:
            Tampered: If the row, or what it is bound to, was changed or moved.
            WrongKey: If it was sealed with a key that is not among ours.
        """
        envelope, key = self._taken_apart(sealed)
        newest = self._keys.newest()
        found = envelope.wrapped_again(
            key, newest, self._bound_to(binding), random_bytes=self._random_bytes
        )
        if found is None:
            raise _moved()
        return found

    @property
    def newest_id(self) -> str:
        """The id of the key that seals, in hex."""
        return self._keys.newest().id.hex()

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, in hex; the newest first."""
        return tuple(key.id.hex() for key in self._keys.all())

    def add_key(self, line: str) -> None:
        """Put another key where the keys are, and seal with it from now on.

        Args:
            line: The key, as `new_key` writes it.

        Raises:
            StoreLocked: If it cannot be put there.
        """
        self._keys.add(line)

    def newest_material(self) -> bytes:
        """Read the newest key itself, for whoever writes it down for a person.

        Raises:
            StoreLocked: If it cannot be read.
        """
        return self._keys.newest_material()

    def drop_key(self, key_id: str) -> None:
        """Take a key away from where the keys are; running processes keep it.

        Args:
            key_id: Its id in hex.

        Raises:
            StoreLocked: If it cannot be taken away.
        """
        self._keys.drop(bytes.fromhex(key_id))

    def refuse_if_locked(self) -> None:
        """Say whether anything can be opened now, without opening anything.

        Raises:
            StoreLocked: If the time is over for which keys may be held.
        """
        self._keys.all()

    def _taken_apart(self, sealed: bytes) -> tuple[Envelope, MasterKey]:
        envelope = Envelope.read(sealed)
        if envelope is None:
            raise Tampered("A stored secret is damaged and cannot be read", _AGAIN)
        key = self._keys.find(envelope.key_id)
        if key is None:
            raise WrongKey(
                f"A stored secret was sealed with a key that is not in the "
                f"{self.key_source.partition(',')[0]}",
                "Name the key file that has it in JUPYTER_CONNECTIONS_KEY_FILE",
            )
        return envelope, key

    def key_checks(self) -> dict[str, bytes]:
        """Return, by key id in hex, a sealed constant for each key.

        Store those that the store has not got yet, and hand them all to `open_vault`
        at the next start.
        """
        return {
            key.id.hex(): self._seal_under(key, _CHECK, _check_binding(key))
            for key in self._keys.all()
        }

    def verify(self, checks: Mapping[str, bytes]) -> None:
        """Make sure that the store's key checks open with our keys.

        Raises:
            Tampered: If one that our keys sealed does not.
        """
        for key in self._keys.all():
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
        return canonical((self.deployment,)) + canonical(binding)

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
    found = key_search(
        settings,
        deployment=deployment,
        checks=checks,
        has_sealed_rows=has_sealed_rows,
        keyring=keyring,
        patience=patience,
    ).find()
    vault = Vault(
        found.keys,
        deployment=deployment,
        key_source=found.source,
        places=found.places,
        hold=60.0 * settings.key_held_minutes if settings.key_wrapper else None,
    )
    vault.verify(checks)
    return vault


def key_search(
    settings: Settings,
    *,
    deployment: str,
    checks: Mapping[str, bytes],
    has_sealed_rows: bool,
    keyring: KeyringFactory = installed_keyring,
    patience: float = 3.0,
) -> KeySearch:
    """Return the search for the master keys of a store; see `open_vault`."""
    return KeySearch(
        settings=settings,
        deployment=deployment,
        known=frozenset(_key_id(kid) for kid in checks),
        is_sealed=has_sealed_rows or bool(checks),
        keyring=keyring,
        patience=patience,
    )


def _moved() -> Tampered:
    return Tampered(
        "A stored secret does not open: its row, or the service it was "
        "obtained for, was changed outside of this program",
        _AGAIN,
    )


def _check_binding(key: MasterKey) -> tuple[str, str]:
    return _CHECK_BINDING, key.id.hex()


def _key_id(written: str) -> bytes:
    try:
        return bytes.fromhex(written)
    except ValueError:
        return b""  # no key of ours has this id
