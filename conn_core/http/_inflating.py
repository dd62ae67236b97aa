"""Taking a compression off that nobody asked for: what is compressed cannot be searched."""

import zlib
from collections.abc import Iterator
from typing import Final

from ..errors import ProviderError

#: A few compressed kilobytes can become gigabytes: no more than this at a time.
_PIECE: Final = 256 * 1024
_KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate"})


class Inflater:
    """Reads one compressed answer, piece by piece.

    Args:
        encoding: As ``Content-Encoding`` says.
        host: Who sent it, for the error.

    Raises:
        ProviderError: If it is one that cannot be taken off.
    """

    def __init__(self, encoding: str, *, host: str) -> None:
        if encoding not in _KNOWN:
            raise _unreadable(host)
        self._host = host
        self._reader = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def pieces(self, part: bytes) -> Iterator[bytes]:
        """Return what a part holds.

        Raises:
            ProviderError: If it is damaged.
        """
        while part and not self._reader.eof:
            try:
                piece = self._reader.decompress(part, _PIECE)
            except zlib.error:
                raise _unreadable(self._host) from None
            part = self._reader.unconsumed_tail
            if piece:
                yield piece


def _unreadable(host: str) -> ProviderError:
    return ProviderError(
        f"{host} answered in an encoding that was not asked for", "Try again later"
    )
