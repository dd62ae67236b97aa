"""What this kernel was lent, and a search for it in what the kernel sends.

Only what the kernel holds is looked for, so nothing else is ever taken for a secret, and
the cost is one search a credential. It is looked for as it is written in outputs: plain,
in a URL, in the repr of a text or of bytes, in JSON and in HTML. Whoever disguises it
otherwise, in base64 or letter by letter, means to.
"""

import base64
import binascii
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from conn_core import AccessToken, Secret

_MARK: Final = "[redacted]"
#: A shorter one could be any word of an output.
_SHORTEST: Final = 8
#: Of each connection so many: a variable may still hold one from before a renewal.
_MOST_KEPT: Final = 4
#: A string in JSON. Possessive, so that a long one takes no time to fail.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"')


class Spelling(NamedTuple):
    """One way in which a secret is written.

    Attributes:
        link_name: Whose it is.
        text: As it stands in an output.
        in_json: As it stands in the message that carries the output.
    """

    link_name: str
    text: "Secret"
    in_json: "Secret"


class Lent:
    """The credentials that this kernel was lent: the last few of each connection."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[AccessToken, ...]] = {}
        self._spellings: tuple[Spelling, ...] = ()
        self._changing = threading.Lock()

    def add(self, token: "AccessToken") -> None:
        """Look for a credential from now on.

        Args:
            token: What was lent; one that is known changes nothing.
        """
        with self._changing:
            kept = self._kept.get(token.link_name, ())
            if any(_is_same(token, each) for each in kept):
                return
            self._kept[token.link_name] = (*kept, token)[-_MOST_KEPT:]
            self._spellings = _spellings_of(self._kept.values())

    def __bool__(self) -> bool:
        """There is something to look for."""
        return bool(self._spellings)

    def forget(self) -> None:
        """Look for nothing any more."""
        with self._changing:
            self._kept, self._spellings = {}, ()

    def taken_out(self, message: bytes) -> tuple[bytes, frozenset[str]]:
        """Return a message without the credentials, and whose they were.

        Args:
            message: JSON; only its strings are looked through, so it stays JSON.
        """
        found = [s for s in self._spellings if s.in_json.reveal().encode() in message]
        if not found:
            return message, frozenset()
        names: set[str] = set()

        def clear(string: "re.Match[bytes]") -> bytes:
            whole = string[0]
            here = [s for s in found if s.in_json.reveal().encode() in whole]
            return _without(whole, here, names) if here else whole

        return _STRING.sub(clear, message), frozenset(names)


def _is_same(one: "AccessToken", other: "AccessToken") -> bool:
    return (
        one.access_token == other.access_token
        and one.further_secrets == other.further_secrets
    )


def _without(string: bytes, found: Iterable[Spelling], names: set[str]) -> bytes:
    """Return a JSON string without what was found; note whose it was.

    What looks like a secret may be the end of an escape and a text: so it is read first.
    """
    text: str = json.loads(string.decode("utf-8", "surrogateescape"), strict=False)
    for spelling in found:
        if spelling.text.reveal() in text:
            names.add(spelling.link_name)
            text = text.replace(spelling.text.reveal(), _MARK)
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _spellings_of(kept: Iterable[Iterable["AccessToken"]]) -> tuple[Spelling, ...]:
    """Return all spellings, the longest first: one secret may begin with another."""
    from conn_core import Secret

    found = {
        written: token.link_name
        for tokens in kept
        for token in tokens
        for secret in _secrets_of(token)
        if len(secret) >= _SHORTEST
        for written in _written(secret)
    }
    return tuple(
        Spelling(found[text], Secret(text), Secret(_in_json(text)))
        for text in sorted(found, key=lambda text: (-len(text), text))
    )


def _secrets_of(token: "AccessToken") -> Iterator[str]:
    """Return the credential, what belongs to it, and what can be read out of it."""
    whole = token.access_token.reveal()
    yield whole
    if token.further_secrets is not None:
        yield from json.loads(token.further_secrets.reveal()).values()
    if token.param_prefix == "Basic ":
        yield _secret_half(whole)


def _secret_half(pair: str) -> str:
    """Return the password of a user name and password (RFC 7617).

    Some services want their key as the name, and no password or a word for one.
    """
    try:
        user, _, password = (
            base64.b64decode(pair, validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if len(password) >= _SHORTEST else user


def _written(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        repr(secret)[1:-1],
        _in_json(secret),
        json.dumps(secret)[1:-1],
        html.escape(secret),
    }


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
