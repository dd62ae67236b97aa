"""Which headers a carried request and its answer keep (RFC 9110 7.6.1)."""

from collections.abc import Iterable
from typing import Final

from .. import __version__
from ..errors import InvalidInput, MethodNotAllowed
from ._loan import Errand, Header, Loan

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
_WRITTEN_ONCE: Final = frozenset({"content-type", "content-range", "range"})
#: They make a server take a request for one of another method.
_OTHER_METHOD: Final = frozenset(
    {"x-http-method", "x-http-method-override", "x-method-override"}
)
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
        if lower in _OTHER_METHOD and loan.rules:
            raise MethodNotAllowed(
                f"The rules of '{loan.token.link_name}' are for the request's own "
                f"method, and {name} names another. Nothing was sent"
            )
        _refuse_odd(lower, value, found, loan.token.link_name)
        key = spelled.setdefault(lower, name)
        found[key] = f"{found[key]}, {value}" if key in found else value
    found.setdefault(spelled.get("user-agent", "User-Agent"), _AGENT)
    return {**found, "Accept-Encoding": "identity"}


_AGENT: Final = f"jupyter-connections/{__version__}"


def _forwarded(headers: Iterable[Header]) -> Iterable[Header]:
    pairs = tuple(headers)
    named = _named_by_connection(pairs)
    for name, value in pairs:
        lower = name.lower()
        is_handed_on = lower.startswith(FORWARD)
        own = name[len(FORWARD) :] if is_handed_on else name
        is_for_us = lower in _FOR_US or lower.startswith(_PREFIXES_FOR_US)
        if (is_handed_on or not is_for_us) and _may_be_sent(own.lower(), named):
            yield own, value


def _may_be_sent(lower: str, named: frozenset[str]) -> bool:
    return (
        bool(lower)
        and lower not in _NOT_SENT
        and lower not in named
        and not lower.startswith(("proxy-", OURS))
    )


def _named_by_connection(headers: Iterable[Header]) -> frozenset[str]:
    """Return what ``Connection`` says is for this hop only."""
    return frozenset(
        word.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for word in value.split(",")
    )


def _refuse_odd(lower: str, value: str, found: dict[str, str], link_name: str) -> None:
    is_twice = lower in _WRITTEN_ONCE and lower in {name.lower() for name in found}
    if is_twice or any(c in value for c in "\r\n\0"):
        raise InvalidInput(
            f"'{link_name}' was given the header {lower[:80]} twice or broken in two. "
            "Nothing was sent"
        )


def headers_to_answer(
    headers: Iterable[tuple[bytes, bytes]], *, is_decoded: bool
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer that whoever asked may see.

    Args:
        headers: As the service sent them.
        is_decoded: The body's encoding is taken off, and so its length is not known.
    """
    pairs = [(name.strip(), value) for name, value in headers]
    said = ((n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs)
    named = _named_by_connection(said)
    dropped = {"content-encoding", "content-length"} if is_decoded else set()
    return [
        (name, value)
        for name, value in pairs
        if _may_be_answered(name.decode("latin-1").lower(), named | dropped)
        and not any(byte in value for byte in b"\r\n\0")
    ]


def _may_be_answered(lower: str, named: frozenset[str]) -> bool:
    return (
        lower not in _NOT_ANSWERED
        and lower not in named
        and not lower.startswith(("proxy-", OURS, "access-control-"))
    )
