"""What a process has in its memory, where the system lets us read it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_RANGE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
_LARGEST = 1 << 30
_CHUNK = 1 << 24


def found_in_memory(pid: int, needles: Iterable[bytes]) -> set[bytes]:
    """Return which of some texts lie in what a process has written in its memory.

    Raises:
        OSError: If it may not be read, or the process has ended.
    """
    wanted, found = set(needles), set()
    for chunk in _writable(pid):
        found |= {needle for needle in wanted - found if needle in chunk}
    return found


def _writable(pid: int) -> Iterator[bytes]:
    ranges = _RANGE.findall(Path(f"/proc/{pid}/maps").read_text())
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begins, ends in ((int(a, 16), int(b, 16)) for a, b in ranges):
            yield from _pieces(memory, begins, min(ends, begins + _LARGEST))


def _pieces(memory, begins: int, ends: int) -> Iterator[bytes]:
    tail = b""
    while begins < ends:
        memory.seek(begins)
        try:
            piece = memory.read(min(_CHUNK, ends - begins))
        except OSError:  # a page that is only reserved
            return
        if not piece:
            return
        yield tail + piece
        tail, begins = piece[-512:], begins + len(piece)
