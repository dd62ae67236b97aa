"""Where master keys are kept, and how another one is put there while others read."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ..errors import StoreLocked
from ._files import (
    change_key_file,
    create_key_file,
    prepare_key_folder,
    read_key_file,
    read_written,
)
from ._key import MasterKey, newest_material, read_keys, with_newest, without
from ._keyring import KeyringAnswer, KeyringFactory, ask_keyring
from ._wrapping import KeyWrapper, unwrapped, wrapped

#: How often a system keyring is asked whether it has a newer key, seconds. A file is
#: looked at whenever something is sealed.
LOOK_AGAIN: Final = 600.0


class KeyPlace(Protocol):
    """One place that keeps the keys of a store, newest first."""

    @property
    def name(self) -> str:
        """The place in words for people."""
        ...

    def read(self) -> tuple[MasterKey, ...]:
        """Read the keys.

        Raises:
            FileNotFoundError: If there is no such file.
            StoreLocked: If they cannot be read.
        """
        ...

    def stamp(self) -> object:
        """Return what is another thing once the keys may be others."""
        ...

    def add(self, line: str) -> None:
        """Put a key there as the newest, whole or not at all; make the place if need be.

        Raises:
            StoreLocked: If it cannot be put there.
        """
        ...

    def drop(self, key_id: bytes) -> None:
        """Take a key away.

        Raises:
            StoreLocked: If it cannot be taken away.
        """
        ...

    def newest(self) -> bytes | None:
        """Return the newest key itself, for whoever writes it down for a person."""
        ...


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file with a key a line.

    Attributes:
        path: The file.
        name: The same in words.
    """

    path: Path
    name: str

    def read(self) -> tuple[MasterKey, ...]:
        """Read the keys; see `KeyPlace`."""
        return read_key_file(self.path)

    def stamp(self) -> object:
        """Return which file it is, and when it was written."""
        return _stamp_of(self.path)

    def add(self, line: str) -> None:
        """Put a key there as the newest; see `KeyPlace`."""
        try:
            before = read_written(self.path)
        except FileNotFoundError:
            prepare_key_folder(self.path.parent)
            create_key_file(self.path, line)
        else:
            change_key_file(self.path, with_newest(before, line))

    def drop(self, key_id: bytes) -> None:
        """Take a key away; see `KeyPlace`."""
        change_key_file(self.path, without(read_written(self.path), key_id))

    def newest(self) -> bytes | None:
        """Return the newest key itself."""
        return newest_material(read_written(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringEntry:
    """An entry of the operating system's key store.

    Attributes:
        factory: Makes the keyring back end.
        entry: Under which name the keys are kept.
        patience: How many seconds to wait for it.
        name: The place in words.
    """

    factory: KeyringFactory
    entry: str
    patience: float
    name: str

    def read(self) -> tuple[MasterKey, ...]:
        """Read the keys; see `KeyPlace`."""
        answer = self._ask()
        if answer.state == "empty":
            raise FileNotFoundError(self.entry)
        if answer.state != "found":
            raise StoreLocked(
                f"The store's key is in the {self.name}, which is {answer.state}",
                "Unlock it, or name a key file in JUPYTER_CONNECTIONS_KEY_FILE",
            )
        return answer.keys

    def stamp(self) -> object:
        """Return a number that changes now and then: nobody says when an entry does."""
        return int(time.monotonic() // LOOK_AGAIN)

    def add(self, line: str) -> None:
        """Put a key there as the newest; see `KeyPlace`."""
        self._change(lambda before: with_newest(before.encode(), line), makes=line)

    def drop(self, key_id: bytes) -> None:
        """Take a key away; see `KeyPlace`."""
        self._change(lambda before: without(before.encode(), key_id))

    def newest(self) -> bytes | None:
        """Return the newest key itself."""
        found: list[str] = []

        def noted(before: str) -> str:
            found.append(before)
            return before

        self._ask(change=noted)
        return newest_material(found[0].encode()) if found else None

    def _change(
        self, change: Callable[[str], str], *, makes: str | None = None
    ) -> None:
        wanted: list[str] = []

        def changed(before: str) -> str:
            wanted.append(change(before))
            return wanted[0]

        def made() -> str:
            wanted.append(makes or "")
            return wanted[0]

        answer = self._ask(change=changed, new_key=made if makes else None)
        ids = {key.id for key in answer.keys}
        if not wanted or ids != _ids_in(wanted[0]):
            raise StoreLocked(
                f"The {self.name} did not take the key ({answer.state}). What was there "
                "is there still",
                "Unlock it, then try again",
            )

    def _ask(
        self,
        change: Callable[[str], str] | None = None,
        new_key: Callable[[], str] | None = None,
    ) -> KeyringAnswer:
        return ask_keyring(
            self.factory,
            self.entry,
            patience=self.patience,
            change=change,
            new_key=new_key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedFile:
    """A file with keys that somebody else must unwrap: Vault, or the KMS of a cloud.

    Attributes:
        path: The file: a wrapped key a line.
        wrapper: Wraps and unwraps.
        name: The place in words.
    """

    path: Path
    wrapper: KeyWrapper
    name: str

    def read(self) -> tuple[MasterKey, ...]:
        """Read the keys; see `KeyPlace`."""
        lines = _blobs(read_written(self.path))
        found = [MasterKey(unwrapped(self.wrapper, line)) for line in lines]
        if not found:
            raise StoreLocked(f"The key file {self.path} holds no wrapped key")
        return tuple(found)

    def stamp(self) -> object:
        """Return which file it is, and when it was written: unwrapping costs a call."""
        return _stamp_of(self.path)

    def add(self, line: str) -> None:
        """Put a key there as the newest; see `KeyPlace`."""
        blob = wrapped(self.wrapper, base64.b64decode(line))
        try:
            before = read_written(self.path)
        except FileNotFoundError:
            prepare_key_folder(self.path.parent)
            create_key_file(self.path, blob)
        else:
            change_key_file(self.path, f"{blob}\n{before.decode()}")

    def drop(self, key_id: bytes) -> None:
        """Take a key away; see `KeyPlace`."""
        lines = _blobs(read_written(self.path))
        kept = [
            line
            for line in lines
            if MasterKey(unwrapped(self.wrapper, line)).id != key_id
        ]
        change_key_file(self.path, "\n".join(kept))

    def newest(self) -> bytes | None:
        """Return the newest key itself."""
        lines = _blobs(read_written(self.path))
        return unwrapped(self.wrapper, lines[0]) if lines else None


def _blobs(written: bytes) -> list[str]:
    lines = (line.strip() for line in written.decode("utf-8", "replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _ids_in(written: str) -> set[bytes]:
    return {key.id for key in read_keys(written.encode()) or ()}


def _stamp_of(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
