"""Keeping a credential out of what a service answers: some repeat what they are sent."""

import base64
import html
import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

Headers = list[tuple[bytes, bytes]]

_MARK: Final = b"[redacted]"
#: A shorter one could be any word of an answer.
_SHORTEST: Final = 8
#: What some spelling writes in another way.
_ESCAPED: Final = re.compile(rb"%[0-9A-Fa-f]{2}|[^\w.-]")


class Needles:
    """Secrets as they must not be in an answer; it never shows them.

    Args:
        spellings: Each secret in every spelling.

    Attributes:
        spellings: The same, the longest first.
        cores: Parts, one of which at least is in each spelling: where none of them is,
            no secret is, and few have to be looked for to find that out.
    """

    __slots__ = ("cores", "spellings")

    def __init__(self, spellings: Iterable[bytes] = ()) -> None:
        self.spellings = tuple(
            sorted(set(spellings), key=lambda text: (-len(text), text))
        )
        self.cores = _cores_of(self.spellings)


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


def _cores_of(spellings: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return the longest part of each that others may share, and each only once."""
    parts = {max(_ESCAPED.split(text), key=len) for text in spellings}
    return tuple(
        sorted(p for p in parts if not any(other in p for other in parts - {p}))
    )


def needles_of(secrets: Iterable[str]) -> Needles:
    """Return what to look for so that no spelling of secrets passes."""
    return Needles(
        text for s in secrets if len(s) >= _SHORTEST for text in _spellings(s)
    )


class Redactor:
    """Replaces secrets in what passes by, also where they lie over two parts.

    What is put in has the length of what was there, so that lengths and ranges that
    were announced stay true.

    Args:
        needles: What must not pass; see ``needles_of``.
    """

    def __init__(self, needles: Needles) -> None:
        self._needles, self._cores = needles.spellings, needles.cores
        self._starts = {needle[:1] for needle in self._needles}
        self._most_held = max((len(n) for n in self._needles), default=1) - 1
        self._held = b""
        self.has_found = False

    @property
    def is_waiting(self) -> bool:
        """The last part ended like the beginning of a secret, and that is still here."""
        return bool(self._held)

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
        if not self._may_hold_one(together):
            return pairs
        return [(self.redacted(name), self.redacted(value)) for name, value in pairs]

    def redacted(self, whole: bytes) -> bytes:
        """Return a text without the secrets."""
        if not self._may_hold_one(whole):
            return whole
        for needle in self._needles:
            if needle in whole:
                self.has_found = True
                whole = whole.replace(needle, _mark_of(len(needle)))
        return whole

    def _may_hold_one(self, whole: bytes) -> bool:
        return any(core in whole for core in self._cores)

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
