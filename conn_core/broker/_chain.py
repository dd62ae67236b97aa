"""The chain of the audit log: each line's digest is made of the one before it.

HMAC-SHA256 (RFC 2104) under a key that the database has only sealed. Whoever can write
the database can neither change, remove, insert or move a line without its chain saying
so, nor cut its end or beginning off: these are signed.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from ..store import audit_rows

#: What stands before the first line of a chain.
NOTHING: Final = "0" * 64
KEY_BYTES: Final = 32
_MARK: Final = 16


class ChainKey:
    """The key of the audit log. It shows itself to nobody.

    Args:
        key: 32 random bytes.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<ChainKey>"

    def __reduce__(self) -> NoReturn:
        msg = "a key cannot be serialised"
        raise TypeError(msg)

    def digest_of(self, line: Mapping[str, Any], *, after: str) -> str:
        """Return the digest of a line that follows another's.

        Args:
            line: What it says, by column.
            after: The digest of the line before it.
        """
        return self._hmac("line", after, *(line[name] for name in audit_rows.SAID))

    def mark_of(self, secret: str) -> str:
        """Return the beginning of a secret's digest: to find it again, and no more."""
        return self._hmac("secret", secret)[:_MARK]

    def signature_of(self, head: Mapping[str, Any]) -> str:
        """Return the signature of where a chain ends and begins."""
        parts = ("writer", "number", "digest", "base", "base_digest")
        return self._hmac("head", *(head[name] for name in parts))

    def _hmac(self, *parts: Any) -> str:
        # JSON writes no two lists alike, and a number exactly.
        message = json.dumps(parts, separators=(",", ":")).encode("ascii")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
