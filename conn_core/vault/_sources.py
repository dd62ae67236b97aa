"""Where the master key comes from: the first that is configured, never a worse one.

A key is made only for a store that holds nothing yet. From then on only a source
with a key of that store will do: anything else is an error that says what is missing.
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from .._settings import Settings
from ..errors import StoreLocked, WrongKey
from ._files import create_key_file, prepare_key_folder, read_key_file
from ._key import KEY_BYTES, MasterKey, write_key
from ._keyring import KeyringAnswer, KeyringFactory, ask_keyring
from ._lock import alone_in

_log = logging.getLogger("conn_core")
_NAME_IT: Final = "Name its key file in JUPYTER_CONNECTIONS_KEY_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKeys:
    """The master keys of a store.

    Attributes:
        keys: Newest first; the newest seals, all open.
        source: Where they come from, in words for people.
    """

    keys: tuple[MasterKey, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySearch:
    """The search for the master keys of one store.

    Attributes:
        settings: Where key files are, and whether the keyring may be used.
        deployment: The store's id; names the entry in the keyring.
        known: The ids of the keys that this store has been sealed with.
        is_sealed: The store holds secrets, so no key may be made for it.
        keyring: Makes the keyring back end.
        patience: How many seconds the keyring has to answer.
    """

    settings: Settings
    deployment: str
    known: frozenset[bytes]
    is_sealed: bool
    keyring: KeyringFactory
    patience: float

    def find(self) -> FoundKeys:
        """Return the keys, made now if this store never had any.

        Raises:
            StoreLocked: If the key cannot be read, or is not here.
            WrongKey: If the key that is here never sealed this store.
        """
        if self.settings.key_file is not None:
            return self._named(self.settings.key_file)
        return self._used_before() if self.is_sealed else self._first()

    def _named(self, path: Path) -> FoundKeys:
        try:
            found = FoundKeys(keys=read_key_file(path), source=f"key file {path}")
        except FileNotFoundError:
            raise StoreLocked(
                f"The key file {path} does not exist",
                "Bring it back, or name another in JUPYTER_CONNECTIONS_KEY_FILE",
            ) from None
        if not self._fits(found):
            _refuse_wrong(found)
        return found

    def _used_before(self) -> FoundKeys:
        in_file = self._generated()
        if in_file and self.known <= {key.id for key in in_file.keys}:
            return in_file  # the keyring may take seconds, and has nothing to add
        answer = self._ask_keyring(may_make=False)
        found = [source for source in (_in_keyring(answer), in_file) if source]
        fitting = [source for source in found if self._fits(source)]
        if not fitting:
            self._refuse_missing(answer, found)
        return FoundKeys(
            keys=tuple(key for source in fitting for key in source.keys),
            source=" and ".join(source.source for source in fitting),
        )

    def _first(self) -> FoundKeys:
        prepare_key_folder(self.settings.data_dir)
        prepare_key_folder(self._key_file.parent)
        with alone_in(self._key_file.parent):
            return (
                self._generated()
                or _in_keyring(self._ask_keyring(may_make=True))
                or self._generated_now()
            )

    @property
    def _key_file(self) -> Path:
        return self.settings.data_dir / "keys" / "master.key"

    def _generated(self) -> FoundKeys | None:
        try:
            keys = read_key_file(self._key_file)
        except FileNotFoundError:
            return None
        return self._from_generated(keys)

    def _generated_now(self) -> FoundKeys:
        create_key_file(self._key_file, _new_key())
        return self._from_generated(read_key_file(self._key_file))

    def _from_generated(self, keys: tuple[MasterKey, ...]) -> FoundKeys:
        # Said wherever the source is shown: the file lies beside what it locks.
        source = (
            f"generated key file {self._key_file}, "
            "which protects copies of the database only"
        )
        return FoundKeys(keys=keys, source=source)

    def _ask_keyring(self, *, may_make: bool) -> KeyringAnswer:
        if not self.settings.use_keyring:
            return KeyringAnswer(state="unusable")
        answer = ask_keyring(
            self.keyring,
            f"master key of {self.deployment}",
            patience=self.patience,
            new_key=_new_key if may_make else None,
        )
        if may_make and answer.state != "found":
            _log.warning(
                "The system keyring is %s; a key file is used instead", answer.state
            )
        return answer

    def _fits(self, found: FoundKeys) -> bool:
        return not self.known or any(key.id in self.known for key in found.keys)

    def _refuse_missing(
        self, answer: KeyringAnswer, found: list[FoundKeys]
    ) -> NoReturn:
        if answer.state == "locked":
            raise StoreLocked(
                "The store's key is in the system keyring, which is locked",
                "Unlock it, or name a key file in JUPYTER_CONNECTIONS_KEY_FILE",
            )
        if answer.state == "damaged":
            raise StoreLocked(
                f"The store's key in the system keyring ({answer.name}) is damaged",
                _NAME_IT,
            )
        if found:
            _refuse_wrong(*found)
        raise StoreLocked(
            "The key that sealed this store is not here: "
            f"{_keyring_words(answer, self.settings)} and {self._key_file} is missing",
            _NAME_IT,
        )


def _in_keyring(answer: KeyringAnswer) -> FoundKeys | None:
    if answer.state != "found":
        return None
    return FoundKeys(keys=answer.keys, source=f"system keyring ({answer.name})")


def _keyring_words(answer: KeyringAnswer, settings: Settings) -> str:
    if answer.state == "empty":
        return f"the system keyring ({answer.name}) does not hold it"
    if settings.use_keyring:
        return "there is no system keyring that can be trusted"
    return "the system keyring is switched off"


def _refuse_wrong(*found: FoundKeys) -> NoReturn:
    sources = " and ".join(source.source.partition(",")[0] for source in found)
    raise WrongKey(
        f"The key in the {sources} is not the one that sealed this store", _NAME_IT
    )


def _new_key() -> str:
    return write_key(os.urandom(KEY_BYTES))
