"""Which headers a carried request and its answer keep (RFC 9110 7.6.1)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from .. import __version__
from ..errors import InvalidInput, MethodNotAllowed
from ._loan import Errand, Header, Loan
from ._ruling import OTHER_METHOD

OURS: Final = "x-connections-"
FORWARD: Final = "x-connections-forward-"

_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "expect",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
#: What is decided here.
_NOT_SENT: Final = _HOP_BY_HOP | {"accept-encoding", "content-length", "host"}
#: Meant for us, or written by proxies between the kernel and us.
_FOR_US: Final = frozenset(
    {
        "authorization",
        "cookie",
        "forwarded",
        "origin",
        "referer",
        "via",
        "x-real-ip",
        "x-scheme",
        "x-xsrftoken",
    }
)
_PREFIXES_FOR_US: Final = (OURS, "sec-", "x-forwarded-", "x-proxy-")
_PREFIXES_NOT_SENT: Final = ("proxy-", OURS)
_WRITTEN_ONCE: Final = frozenset({"content-type", "content-range", "range"})
#: Of an answer: for a browser that keeps them for our origin, or for a proxy.
_NOT_ANSWERED: Final = _HOP_BY_HOP | {
    "accept-ch",
    "alt-svc",
    "clear-site-data",
    "nel",
    "public-key-pins",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "server-timing",
    "service-worker-allowed",
    "set-cookie",
    "set-cookie2",
    "sourcemap",
    "strict-transport-security",
    "www-authenticate",
}
_PREFIXES_NOT_ANSWERED: Final = ("proxy-", OURS, "access-control-")
_OF_ENCODED: Final = frozenset({"content-encoding", "content-length"})
#: What would end a line.
_BREAKS: Final = re.compile(r"[\r\n\0]")
_BREAKS_IN_BYTES: Final = re.compile(rb"[\r\n\0]")


def headers_to_send(errand: Errand, loan: Loan) -> dict[str, str]:
    """Return the headers of a request, none in the credential's place.

    Raises:
        InvalidInput: If one is there twice that must not be, or breaks the line.
        MethodNotAllowed: If one stands for another method, where the rules name some.
    """
    found: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name, value in _forwarded(errand.headers):
        lower = name.lower()
        if lower in OTHER_METHOD and loan.rules:
            raise MethodNotAllowed(
                f"The rules of '{loan.token.link_name}' are for the request's own "
                f"method, and {name} names another. Nothing was sent"
            )
        if (lower in _WRITTEN_ONCE and lower in spelled) or _BREAKS.search(value):
            raise InvalidInput(
                f"'{loan.token.link_name}' was given the header {lower[:80]} twice or "
                "broken in two. Nothing was sent"
            )
        key = spelled.setdefault(lower, name)
        found[key] = f"{found[key]}, {value}" if key in found else value
    if "user-agent" not in spelled:
        found["User-Agent"] = _AGENT
    found["Accept-Encoding"] = "identity"
    return found


_AGENT: Final = f"jupyter-connections/{__version__}"


def _forwarded(headers: tuple[Header, ...]) -> Iterable[Header]:
    named = _named_by_connection(headers)
    for name, value in headers:
        lower, own = name.lower(), name
        if lower.startswith(FORWARD):
            lower, own = lower[len(FORWARD) :], name[len(FORWARD) :]
        elif lower in _FOR_US or lower.startswith(_PREFIXES_FOR_US):
            continue
        if _may_be_sent(lower, named):
            yield own, value


def _may_be_sent(lower: str, named: frozenset[str]) -> bool:
    return (
        bool(lower)
        and lower not in _NOT_SENT
        and lower not in named
        and not lower.startswith(_PREFIXES_NOT_SENT)
    )


def _named_by_connection(headers: Iterable[Header]) -> frozenset[str]:
    """Return what ``Connection`` says is for this hop only."""
    return frozenset(
        word.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for word in value.split(",")
    )


def headers_to_answer(
    headers: Sequence[tuple[bytes, bytes]], *, is_decoded: bool
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer that whoever asked may see.

    Args:
        headers: As the service sent them.
        is_decoded: The body's encoding is taken off, and so its length is not known.
    """
    pairs = [
        (name.decode("latin-1").strip().lower(), name.strip(), value)
        for name, value in headers
    ]
    named = _named_by_connection(
        [(n, v.decode("latin-1")) for n, _, v in pairs if n == "connection"]
    )
    dropped = named | _OF_ENCODED if is_decoded else named
    return [
        (name, value)
        for lower, name, value in pairs
        if lower not in _NOT_ANSWERED
        and lower not in dropped
        and not lower.startswith(_PREFIXES_NOT_ANSWERED)
        and not _BREAKS_IN_BYTES.search(value)
    ]
