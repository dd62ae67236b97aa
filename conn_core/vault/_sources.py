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
from ._places import KeyFile, KeyPlace, KeyringEntry, WrappedFile
from ._wrapping import wrapper_called

_log = logging.getLogger("conn_core")
_NAME_IT: Final = "Name its key file in JUPYTER_CONNECTIONS_KEY_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKeys:
    """The master keys of a store.

    Attributes:
        keys: Newest first; the newest seals, all open.
        places: Where they come from; the newest key is in the first.
    """

    keys: tuple[MasterKey, ...]
    places: tuple[KeyPlace, ...]

    @property
    def source(self) -> str:
        """Where they come from, in words for people."""
        return " and ".join(place.name for place in self.places)


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
        if self.settings.key_wrapper is not None:
            return self._wrapped()
        if self.settings.key_file is not None:
            return self._named(self.settings.key_file)
        return self._used_before() if self.is_sealed else self._first()

    def place(self) -> KeyPlace:
        """Return where a key belongs that somebody brings back."""
        if self.settings.key_wrapper is not None:
            return self._wrapped_file()
        if self.settings.key_file is not None:
            return named_file(self.settings.key_file)
        answer = self._ask_keyring(may_make=False)
        if answer.state in {"found", "empty"}:
            return self._keyring_entry(answer)
        return self._generated_file()

    def _wrapped(self) -> FoundKeys:
        place = self._wrapped_file()
        if not self.is_sealed and not place.path.exists():
            prepare_key_folder(self.settings.data_dir)
            prepare_key_folder(place.path.parent)
            with alone_in(place.path.parent):
                if not place.path.exists():
                    place.add(new_key())
        try:
            found = FoundKeys(keys=place.read(), places=(place,))
        except FileNotFoundError:
            raise StoreLocked(
                f"The file with the wrapped key, {place.path}, does not exist",
                "Bring it back, or run jupyter connections key recover",
            ) from None
        if not self._fits(found):
            _refuse_wrong(found)
        return found

    def _wrapped_file(self) -> WrappedFile:
        wrapper = wrapper_called(self.settings.key_wrapper or "")
        path = self.settings.key_file or self._key_file.with_name("master.key.wrapped")
        name = f"key file {path}, wrapped by {wrapper.name}"
        return WrappedFile(path=path, wrapper=wrapper, name=name)

    def _named(self, path: Path) -> FoundKeys:
        place = named_file(path)
        try:
            found = FoundKeys(keys=place.read(), places=(place,))
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
        found = [each for each in (self._in_keyring(answer), in_file) if each]
        fitting = [source for source in found if self._fits(source)]
        if not fitting:
            self._refuse_missing(answer, found)
        return FoundKeys(
            keys=tuple(key for source in fitting for key in source.keys),
            places=tuple(place for source in fitting for place in source.places),
        )

    def _first(self) -> FoundKeys:
        prepare_key_folder(self.settings.data_dir)
        prepare_key_folder(self._key_file.parent)
        with alone_in(self._key_file.parent):
            return (
                self._generated()
                or self._in_keyring(self._ask_keyring(may_make=True))
                or self._generated_now()
            )

    @property
    def _key_file(self) -> Path:
        return self.settings.data_dir / "keys" / "master.key"

    def _generated(self) -> FoundKeys | None:
        place = self._generated_file()
        try:
            return FoundKeys(keys=place.read(), places=(place,))
        except FileNotFoundError:
            return None

    def _generated_now(self) -> FoundKeys:
        create_key_file(self._key_file, new_key())
        place = self._generated_file()
        return FoundKeys(keys=read_key_file(self._key_file), places=(place,))

    def _generated_file(self) -> KeyFile:
        # Said wherever the source is shown: the file lies beside what it locks.
        name = (
            f"generated key file {self._key_file}, "
            "which protects copies of the database only"
        )
        return KeyFile(self._key_file, name)

    def _in_keyring(self, answer: KeyringAnswer) -> FoundKeys | None:
        if answer.state != "found":
            return None
        return FoundKeys(keys=answer.keys, places=(self._keyring_entry(answer),))

    def _keyring_entry(self, answer: KeyringAnswer) -> KeyringEntry:
        return KeyringEntry(
            factory=self.keyring,
            entry=self._entry,
            patience=self.patience,
            name=f"system keyring ({answer.name})",
        )

    @property
    def _entry(self) -> str:
        return f"master key of {self.deployment}"

    def _ask_keyring(self, *, may_make: bool) -> KeyringAnswer:
        if not self.settings.use_keyring:
            return KeyringAnswer(state="unusable")
        answer = ask_keyring(
            self.keyring,
            self._entry,
            patience=self.patience,
            new_key=new_key if may_make else None,
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


def named_file(path: Path) -> KeyFile:
    """Return the operator's key file as a place of keys."""
    return KeyFile(path, f"key file {path}")


def new_key() -> str:
    """Make a key, written as one line."""
    return write_key(os.urandom(KEY_BYTES))
