"""Master keys: what they are, how they are written down, and how they are not shown."""

import base64
import binascii
import hmac
from typing import Final, NoReturn

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_HEX_LETTERS: Final = 64
_BASE64_LETTERS: Final = 43
#: 32 random bytes have about 30 different values; fewer than this is a placeholder.
_FEWEST_VALUES: Final = 16


class MasterKey:
    """A key that wraps data keys. It holds no bytes that could be shown.

    Args:
        material: 32 random bytes.
    """

    ID_BYTES: Final = 8

    __slots__ = ("cipher", "id")

    def __init__(self, material: bytes) -> None:
        self.cipher = AESGCM(material)
        self.id = hmac.digest(material, b"jconn key id", "sha256")[: self.ID_BYTES]

    def aad(self, bound_to: bytes) -> bytes:
        """Return what a data key wrapped by this key is bound to."""
        return b"jconn key" + self.id + bound_to

    def __repr__(self) -> str:
        return "<master key>"

    def __reduce__(self) -> NoReturn:
        msg = "keys cannot be serialised"
        raise TypeError(msg)


def write_key(material: bytes) -> str:
    """Write key material as one line of base64, as key files and keyrings hold it."""
    return base64.b64encode(material).decode("ascii")


def read_keys(written: bytes) -> tuple[MasterKey, ...] | None:
    """Read the keys of a key file or keyring entry, newest first.

    Accepted are 32 raw bytes, or a line of base64 or hex for each key, with empty
    lines and lines that begin with ``#`` between. A passphrase is not accepted: it
    would have to be hashed, and nobody would see how weak the result is.

    Returns:
        The keys, or None if ``written`` is anything else. It raises nothing: a
        traceback would show what it was given.
    """
    if len(written) == KEY_BYTES and not written.isascii():
        materials = [_if_random(written)]
    else:
        lines = (line.strip() for line in written.splitlines())
        materials = [
            _read_line(line) for line in lines if line and not line.startswith(b"#")
        ]
    if not materials or any(material is None for material in materials):
        return None
    return tuple(MasterKey(m) for m in dict.fromkeys(materials) if m is not None)


def with_newest(written: bytes, line: str) -> str:
    """Return what a key file holds once another key is its newest.

    Args:
        written: What it holds now; its comments stay, and keep their places.
        line: The key as `write_key` writes it.
    """
    return "\n".join([line, *_lines_of(written)])


def without(written: bytes, key_id: bytes) -> str:
    """Return what a key file holds once one of its keys is gone."""
    return "\n".join(line for line in _lines_of(written) if _id_of(line) != key_id)


def newest_material(written: bytes) -> bytes | None:
    """Return the newest key itself, for whoever writes it down for a person."""
    for line in _lines_of(written):
        material = _read_line(line.strip().encode())
        if material is not None:
            return material
    return None


def _lines_of(written: bytes) -> list[str]:
    if len(written) == KEY_BYTES and not written.isascii():
        return [write_key(written)]
    return [line.decode("utf-8", "replace") for line in written.splitlines()]


def _id_of(line: str) -> bytes | None:
    material = _read_line(line.strip().encode())
    return None if material is None else MasterKey(material).id


def _read_line(line: bytes) -> bytes | None:
    try:
        if len(line) == _HEX_LETTERS:
            material = bytes.fromhex(line.decode("ascii"))
        else:
            material = _from_base64(line)
    except (ValueError, binascii.Error):
        return None
    return _if_random(material)


def _from_base64(line: bytes) -> bytes:
    letters = line.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if len(letters) != _BASE64_LETTERS:
        return b""
    return base64.b64decode(letters + b"=", validate=True)


def _if_random(material: bytes) -> bytes | None:
    is_one = len(material) == KEY_BYTES and len(set(material)) >= _FEWEST_VALUES
    return material if is_one else None
