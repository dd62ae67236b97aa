"""Keeping a credential out of what a service answers: some repeat what they are sent."""

import base64
import html
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

Headers = list[tuple[bytes, bytes]]

_MARK: Final = b"[redacted]"
#: A shorter one could be any word of an answer.
_SHORTEST: Final = 8


def _spellings(secret: str) -> Iterable[bytes]:
    """Return how a secret is written in answers: plain, in a URL, JSON, HTML, base64."""
    plain, in_json = secret.encode(), json.dumps(secret)[1:-1]
    yield plain
    for escaped in (quote(secret, safe=""), quote_plus(secret)):
        yield escaped.encode()
        yield _lower_escapes(escaped).encode()
    yield in_json.encode()
    yield in_json.replace("/", "\\/").encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield html.escape(secret).encode()
    for before in range(3):
        # Base64 looks otherwise depending on how many bytes are before it.
        coded = base64.b64encode(bytes(before) + plain)
        whole = coded[(0, 2, 3)[before] : len(coded) - (4 if coded[-1:] == b"=" else 0)]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def _lower_escapes(text: str) -> str:
    first, *others = text.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in others)])


def needles_of(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Return all spellings of secrets, the longest first."""
    found = {text for s in secrets if len(s) >= _SHORTEST for text in _spellings(s)}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


class Redactor:
    """Replaces secrets in what passes by, also where they lie over two parts.

    What is put in has the length of what was there, so that lengths and ranges that
    were announced stay true.

    Args:
        needles: What must not pass; see ``needles_of``.
    """

    def __init__(self, needles: tuple[bytes, ...]) -> None:
        self._needles = needles
        self._starts = {needle[:1] for needle in self._needles}
        self._most_held = max((len(n) for n in self._needles), default=1) - 1
        self._held = b""
        self.has_found = False

    def part(self, part: bytes) -> bytes:
        """Return what may go on; the beginning of a secret at its end waits."""
        whole = self.redacted(self._held + part if self._held else part)
        at = self._beginning_at(whole)
        self._held = whole[at:]
        return whole[:at] if self._held else whole

    def rest(self) -> bytes:
        """Return what waited for more, at the end."""
        rest, self._held = self._held, b""
        return rest

    def headers(self, pairs: Headers) -> Headers:
        """Return headers without the secrets, in names and in values."""
        together = b"\0".join([text for pair in pairs for text in pair])
        if not any(needle in together for needle in self._needles):
            return pairs
        return [(self.redacted(name), self.redacted(value)) for name, value in pairs]

    def redacted(self, whole: bytes) -> bytes:
        """Return a text without the secrets."""
        for needle in self._needles:
            if needle in whole:
                self.has_found = True
                whole = whole.replace(needle, _mark_of(len(needle)))
        return whole

    def _beginning_at(self, whole: bytes) -> int:
        """Return where a secret may begin whose end is still to come."""
        end = len(whole)
        tail = whole[max(0, end - self._most_held) :]
        offset, earliest = end - len(tail), end
        for start in self._starts:
            at = tail.find(start)
            while at >= 0 and offset + at < earliest:
                rest = tail[at:]
                if any(needle.startswith(rest) for needle in self._needles):
                    earliest = offset + at
                at = tail.find(start, at + 1)
        return earliest


def _mark_of(length: int) -> bytes:
    return _MARK[:length].ljust(length, b"*")
