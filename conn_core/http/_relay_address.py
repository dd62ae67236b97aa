"""Where a carried request goes: one address, read one way, checked as it is sent."""

import functools
import posixpath
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from ..errors import HostNotAllowed
from ._guard import check_address
from ._loan import Errand, Loan
from ._ruling import refuse_by_rules

#: Decoders that go over a path several times come to an end, too.
_MOST_LAYERS: Final = 4
_BAD_ENCODING: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def final_address(errand: Errand, loan: Loan) -> str:
    """Return the address that a request goes to, if it may.

    Dot segments are taken out once (RFC 3986 5.2.4), and what is checked is what is
    sent. What could be read as another path by a server that decodes again, or takes
    ``..;x`` or a backslash for something, is refused.

    Raises:
        HostNotAllowed: If the credential must not be sent there.
        MethodNotAllowed: If the connection's rules do not include it.
    """
    name = loan.token.link_name
    written = _written(errand, loan)
    check_address(written, link_name=name, api_hosts=loan.token.api_hosts)
    head, path, query = _split(written)
    if "." in path or "%" in path:  # nothing else climbs or is read twice
        path = _normalised(path, link_name=name)
    url = f"{head}{path}{query}"
    if url != written:
        check_address(url, link_name=name, api_hosts=loan.token.api_hosts)
    _refuse_closed(url, loan)
    _refuse_by_rules(errand.method, path, loan)
    return url


def _written(errand: Errand, loan: Loan) -> str:
    """Put the address together: never as a relative reference, which may name a host."""
    target = errand.target
    if errand.origin:
        _, mark, host = errand.origin.rstrip("/").partition("://")
        if not mark or set("/?") & set(host):
            raise HostNotAllowed(
                f"'{loan.token.link_name}' needs an origin such as "
                "https://api.example.com, without a path. Nothing was sent"
            )
        return f"{errand.origin.rstrip('/')}/{target}"
    base = loan.token.api_base_url
    if not target or target.startswith("?"):
        return f"{base}{target}"
    return f"{base.rstrip('/')}/{target}"


def _split(url: str) -> tuple[str, str, str]:
    """Return scheme and host, the path, and the query with its question mark."""
    before, mark, query = url.partition("?")
    scheme, _, rest = before.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", f"{slash}{path}" or "/", f"{mark}{query}"


def _normalised(path: str, *, link_name: str) -> str:
    path = _without_dots(path)
    if _BAD_ENCODING.search(path) or _climbs(path):
        raise HostNotAllowed(
            f"'{link_name}' was given a path that servers read in different ways. "
            "Nothing was sent",
            "Write it without .. and without encoding it twice",
        )
    return path


def _without_dots(path: str) -> str:
    """Take out dot segments, also those that are percent-encoded."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        plain, is_last = (
            segment.lower().replace("%2e", "."),
            number + 1 == len(segments),
        )
        if plain == "..":
            kept = kept[:-1]
        elif plain != ".":
            kept.append(segment)
            continue
        if is_last:
            kept.append("")
    return "/" + "/".join(kept)


def _layers(path: str) -> Iterable[str]:
    """Return a path as those read it who decode it once, twice and so on."""
    for _ in range(_MOST_LAYERS):
        yield path
        decoded = unquote(path)
        if decoded == path:
            return
        path = decoded


def _climbs(path: str) -> bool:
    """Tell whether some reader of a path would go up in it, or finds no path at all."""
    for layer in _layers(path):
        segments = re.split(r"[/\\]", layer)
        if any(part.partition(";")[0] in {"..", "."} for part in segments):
            return True
        if "\\" in layer or any(ord(c) < 32 or ord(c) == 127 for c in layer):
            return True
    return unquote(layer) != layer  # still another layer: nobody writes that


def plain_path(path: str) -> str:
    """Return a path as the most generous reader takes it: for comparing only."""
    *_, last = _layers(path)
    bare = "/".join(part.partition(";")[0] for part in last.split("/"))
    return posixpath.normpath("/" + bare.lstrip("/")).lower()


def _refuse_closed(url: str, loan: Loan) -> None:
    if loan.closed and _place(url) in _places(loan.closed):
        raise HostNotAllowed(
            f"'{loan.token.link_name}' sends nothing to the addresses that issue and end "
            "credentials. Nothing was sent"
        )


@functools.lru_cache
def _places(closed: tuple[str, ...]) -> frozenset[tuple[str, int, str]]:
    """Return the places of addresses; remembered, because every request asks."""
    return frozenset(_place(address) for address in closed)


def _place(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (parts.hostname or "", port, plain_path(_split(url)[1]))


def _refuse_by_rules(method: str, path: str, loan: Loan) -> None:
    """Hold a request to the rules however its path is read."""
    if loan.rules:
        refuse_by_rules(method, path, loan.rules, link_name=loan.token.link_name)
