"""How a secret is sealed: AES-256-GCM, a data key per write, wrapped by a master key.

::

    version(1) algorithm(1) key id(8) | nonce(12) wrapped data key(32+16)
    | nonce(12) ciphertext tag(16)

Both layers are bound to the same associated data: whoever copies a row, or the
wrapped key of a row, to another place finds that it does not open there. The data
layer does not name the master key, so a row can be wrapped again under a new one
without its secret being read.
"""

import os
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ._key import KEY_BYTES, MasterKey

RandomBytes = Callable[[int], bytes]

_VERSION: Final = 1
_AES_256_GCM: Final = 1
_NONCE: Final = 12
_TAG: Final = 16
_FORMAT: Final = bytes((_VERSION, _AES_256_GCM))
_KEY_ID: Final = slice(len(_FORMAT), len(_FORMAT) + MasterKey.ID_BYTES)
_WRAPPED: Final = slice(_KEY_ID.stop, _KEY_ID.stop + _NONCE + KEY_BYTES + _TAG)
_SHORTEST: Final = _WRAPPED.stop + _NONCE + _TAG


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed secret, taken apart.

    Attributes:
        key_id: Which master key wrapped it.
    """

    key_id: bytes
    wrapped_key: bytes = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def read(cls, sealed: object) -> "Envelope | None":
        """Take ``sealed`` apart; None when it is nothing that we ever wrote."""
        if not isinstance(sealed, bytes) or len(sealed) < _SHORTEST:
            return None
        if not sealed.startswith(_FORMAT):
            return None
        return cls(sealed[_KEY_ID], sealed[_WRAPPED], sealed[_WRAPPED.stop :])

    def open_with(self, key: MasterKey, bound_to: bytes) -> bytes | None:
        """Return the secret; None when it was sealed for another place, or changed."""
        try:
            data_key = AESGCM(_decrypt(key.cipher, self.wrapped_key, key.aad(bound_to)))
            return _decrypt(data_key, self.body, _data_aad(bound_to))
        except InvalidTag:
            return None

    def wrapped_again(
        self,
        key: MasterKey,
        newest: MasterKey,
        bound_to: bytes,
        *,
        random_bytes: RandomBytes = os.urandom,
    ) -> bytes | None:
        """Return the same secret under another master key, without opening it.

        Args:
            key: The master key that wraps its data key now.
            newest: The one that shall.
            bound_to: Where it belongs.
            random_bytes: Where nonces come from.

        Returns:
            What is stored then; None when it was sealed for another place, or changed.
        """
        try:
            data_key = _decrypt(key.cipher, self.wrapped_key, key.aad(bound_to))
        except InvalidTag:
            return None
        aad = newest.aad(bound_to)
        wrapped = _encrypt(newest.cipher, data_key, aad, random_bytes)
        return _FORMAT + newest.id + wrapped + self.body


def key_id_of(sealed: bytes) -> str | None:
    """Return which master key a secret is sealed with, in hex; None when it is none."""
    envelope = Envelope.read(sealed)
    return None if envelope is None else envelope.key_id.hex()


def is_same_secret(one: bytes, other: bytes) -> bool:
    """Tell whether two are one sealing of one secret, under whichever master keys."""
    first, second = Envelope.read(one), Envelope.read(other)
    return first is not None and second is not None and first.body == second.body


def seal_with(
    key: MasterKey,
    plaintext: bytes,
    bound_to: bytes,
    *,
    random_bytes: RandomBytes = os.urandom,
) -> bytes:
    """Seal a secret under a data key of its own.

    Args:
        key: The master key that wraps the data key.
        plaintext: The secret.
        bound_to: Where it belongs; see `canonical`.
        random_bytes: Where data keys and nonces come from.
    """
    data_key = random_bytes(KEY_BYTES)
    wrapped = _encrypt(key.cipher, data_key, key.aad(bound_to), random_bytes)
    body = _encrypt(AESGCM(data_key), plaintext, _data_aad(bound_to), random_bytes)
    return _FORMAT + key.id + wrapped + body


def canonical(texts: Iterable[str]) -> bytes:
    """Write texts so that no two lists of texts give the same bytes.

    Raises:
        TypeError: If ``texts`` is one text, or holds something else than texts.
    """
    listed: Sequence[str] = tuple(texts)
    if isinstance(texts, str) or not all(isinstance(text, str) for text in listed):
        msg = "a secret is bound to a list of texts"
        raise TypeError(msg)
    # surrogatepass: file names and foreign input may hold lone surrogates.
    encoded = [text.encode("utf-8", "surrogatepass") for text in listed]
    parts = [struct.pack(">I", len(encoded))]
    for text in encoded:
        parts += (struct.pack(">I", len(text)), text)
    return b"".join(parts)


def _data_aad(bound_to: bytes) -> bytes:
    return b"jconn data" + _FORMAT + bound_to


def _encrypt(
    cipher: AESGCM, plaintext: bytes, aad: bytes, random_bytes: RandomBytes
) -> bytes:
    nonce = random_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, plaintext, aad)


def _decrypt(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)


def works_as_published() -> bool:
    """Tell whether AES-256-GCM here gives the published result.

    The test case is number 14 of "The Galois/Counter Mode of Operation" (McGrew,
    Viega), which NIST SP 800-38D builds on.
    """
    expected = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    try:
        found = AESGCM(bytes(KEY_BYTES)).encrypt(bytes(_NONCE), bytes(16), None)
    except Exception:  # noqa: BLE001 - a library that forbids or lacks the cipher
        return False
    return found.hex() == expected
