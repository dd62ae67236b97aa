"""What a provider answered and the store did not take: kept in a sealed file beside it.

Room for it is made before the provider is asked. A disk that is full by then stops the
refresh while nothing has happened; one that fills up later has the room already.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ..errors import StoreUnavailable
from ._presence import Presence

#: A sealed token set is one or two kilobytes; what is larger takes more when it is kept.
_ROOM: Final = 16 * 1024
_ORPHAN: Final = ".orphan"


class Kept(NamedTuple):
    """One answer that waits for the store."""

    content: bytes
    file: Path | None


class Spill:
    """Answers by credential, each in a file of the process that got it.

    Args:
        folder: Where the files are, 0700.
        presence: Who we are, and whether others live.
    """

    def __init__(self, folder: Path, presence: Presence) -> None:
        self._folder = folder
        self._presence = presence
        self._in_memory: dict[str, bytes] = {}

    def reserve(self, credential_id: str) -> None:
        """Make room for an answer before it is asked for.

        Raises:
            StoreUnavailable: If there is none.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = _opened(self._file(credential_id))
            try:
                _write_all(descriptor, bytes(_ROOM))
            finally:
                os.close(descriptor)
        except OSError as error:
            self.drop(credential_id)
            raise StoreUnavailable(
                f"There is no room for a new token in {self._folder} "
                f"({error.strerror}), so none was asked for",
                "Make room on the disk, then run the cell again",
            ) from error

    def keep(self, credential_id: str, content: bytes) -> None:
        """Keep an answer: in its file, else in memory until this process ends."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = _opened(self._file(credential_id))
            try:
                _write_all(descriptor, content + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            self._in_memory[credential_id] = content

    def kept(self, credential_id: str) -> Iterator[Kept]:
        """Yield the answers that wait, and clear away room that the dead reserved."""
        if credential_id in self._in_memory:
            yield Kept(self._in_memory[credential_id], None)
        for file in self._folder.glob(f"{credential_id}.*"):
            if file.suffix == _ORPHAN:
                continue
            content, is_complete, _ = _read(file).partition(b"\n")
            if is_complete and content.strip(b"\0"):
                yield Kept(content, file)
            elif self._presence.is_dead(file.suffix.removeprefix(".")):
                file.unlink(missing_ok=True)

    def contents(self) -> Iterator[bytes]:
        """Yield all answers that wait, of every credential."""
        yield from self._in_memory.values()
        for file in sorted(self._folder.glob("*.*")):
            content, is_complete, _ = _read(file).partition(b"\n")
            if file.suffix != _ORPHAN and is_complete:
                yield content

    def set_aside_files(self) -> list[Path]:
        """Return the files with answers that came too late."""
        return sorted(self._folder.glob(f"*{_ORPHAN}"))

    def settle(self, credential_id: str, kept: Kept) -> None:
        """Forget an answer that is in the store now."""
        if kept.file is None:
            self._in_memory.pop(credential_id, None)
        else:
            kept.file.unlink(missing_ok=True)

    def set_aside(self, credential_id: str, kept: Kept) -> None:
        """Keep an answer that came too late out of the way; nothing is thrown away."""
        self._in_memory.pop(credential_id, None)
        if kept.file is not None:
            kept.file.replace(kept.file.with_name(kept.file.name + _ORPHAN))

    def drop(self, credential_id: str) -> None:
        """Give the room back; the answer is in the store, or there was none."""
        self._in_memory.pop(credential_id, None)
        with contextlib.suppress(OSError):
            self._file(credential_id).unlink(missing_ok=True)

    def give_back(self, credential_id: str) -> None:
        """Give back room that nothing was written into."""
        file = self._file(credential_id)
        if not _read(file).strip(b"\0"):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    def _file(self, credential_id: str) -> Path:
        return self._folder / f"{credential_id}.{self._presence.name}"


def _opened(file: Path) -> int:
    # Never truncated: the room that was reserved is what is written into.
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    return os.open(file, flags, 0o600)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # settled by somebody else
