"""The recovery code: a master key as a person can write it down and type it again."""

import base64
import binascii
import hashlib
from typing import Final

from .._secret import Secret
from ..errors import InvalidInput
from ._key import KEY_BYTES

_CHECKSUM: Final = 3
#: 35 bytes are 56 letters, and need no padding.
_LETTERS: Final = (KEY_BYTES + _CHECKSUM) * 8 // 5
_GROUP: Final = 4
#: What people read wrongly; base32 has none of these (RFC 4648).
_MISREAD: Final = str.maketrans("0189", "OIBG")
_AGAIN: Final = "Look at each group again, then run jupyter connections key recover"


def recovery_code(material: bytes) -> Secret:
    """Write a key as groups of four letters, with a checksum (RFC 4648, base32)."""
    letters = base64.b32encode(material + _checksum(material)).decode("ascii")
    groups = (letters[n : n + _GROUP] for n in range(0, _LETTERS, _GROUP))
    return Secret("-".join(groups))


def recovered(typed: Secret) -> bytes:
    """Read a recovery code; case, spaces and hyphens do not matter.

    Raises:
        InvalidInput: If it is none. What was typed is not repeated.
    """
    letters = "".join(c for c in typed.reveal().upper() if c not in "- \t\r\n")
    letters = letters.translate(_MISREAD)
    if len(letters) != _LETTERS:
        raise InvalidInput(
            f"A recovery code has {_LETTERS} letters and digits, and this has "
            f"{len(letters)}",
            _AGAIN,
        )
    try:
        content = base64.b32decode(letters)
    except (binascii.Error, ValueError):
        raise InvalidInput(
            "A recovery code has only letters and the digits 2 to 7, and this has others",
            _AGAIN,
        ) from None
    material, checksum = content[:KEY_BYTES], content[KEY_BYTES:]
    if _checksum(material) != checksum:
        raise InvalidInput(
            "The checksum of this recovery code is wrong: a letter of it is another one",
            _AGAIN,
        )
    return material


def _checksum(material: bytes) -> bytes:
    digest = hashlib.sha256(b"jconn recovery code" + material).digest()
    return digest[:_CHECKSUM]
