"""What may stand as an address: one place, used by forms, the catalogue and the guard."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_LABELS = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_BLANK = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: What a blank is taken for until it is filled: it may be a whole host.
_ANYTHING = "x.x"
_MAX_LENGTH = 2048


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is one of the three spellings of this machine we allow."""
    return host in LOOPBACK_HOSTS


def check_endpoint(url: str) -> str:
    """Return ``url`` when it may be an endpoint; blanks ``{name}`` are allowed.

    Plain ``http`` is accepted for loopback only; whether loopback itself is allowed
    is the operator's decision, taken where the request is made.

    Raises:
        ValueError: With a sentence that says what is allowed.
    """
    if len(url) > _MAX_LENGTH or any(ord(c) <= 32 or ord(c) == 127 for c in url):
        msg = "must be an address of at most 2,048 characters without blanks"
        raise ValueError(msg)
    try:
        parts = urlsplit(_BLANK.sub(_ANYTHING, url))
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        msg = "must be an address such as https://api.example.com/v1"
        raise ValueError(msg) from error
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        msg = "must not contain a user name or password"
        raise ValueError(msg)
    if parts.fragment or "#" in url or "\\" in url:
        msg = "must not contain # or \\"
        raise ValueError(msg)
    if parts.scheme == "http" and is_loopback(host):
        return url
    if parts.scheme != "https":
        msg = "must begin with https://"
        raise ValueError(msg)
    if not is_loopback(host):
        _check_host(host)
    if port == 0:
        msg = "must not use port 0"
        raise ValueError(msg)
    return url


def check_host_pattern(host: str) -> str:
    """Return an allowed-hosts entry: ``host``, ``host:port`` or ``*.suffix``.

    Raises:
        ValueError: With a sentence that says what is allowed.
    """
    name, port = split_host_pattern(_BLANK.sub(_ANYTHING, host))
    if port and not 0 < int(port) < 65536:
        msg = "ports go from 1 to 65535"
        raise ValueError(msg)
    if is_loopback(name):
        return host
    suffix = name.removeprefix("*.")
    if name.startswith("*.") and suffix.count(".") < 1:
        msg = "*. must be followed by a domain of at least two parts"
        raise ValueError(msg)
    _check_host(suffix)
    return host


def split_host_pattern(pattern: str) -> tuple[str, str]:
    """Return host (IPv6 without its brackets) and port, empty where there is none."""
    found = re.fullmatch(r"(\[.*\]|[^\[\]]*?)(?::(\d+))?", pattern)
    if found is None:
        return pattern, ""
    return found[1].strip("[]"), found[2] or ""


def _check_host(host: str) -> None:
    if not _LABELS.fullmatch(host) or len(host) > 253:
        msg = "must name a host such as api.example.com, in lower-case ASCII"
        raise ValueError(msg)
    if re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+|[0-9]+", host) or "." not in host:
        msg = "must name a public host, not a number or a bare name"
        raise ValueError(msg)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of blanks; the result is checked by whoever uses it.

    Raises:
        ValueError: If a blank has no value.
    """

    def value_of(blank: re.Match[str]) -> str:
        if blank[1] not in values:
            msg = f"nothing fills the blank {blank[0]}"
            raise ValueError(msg)
        return values[blank[1]]

    return _BLANK.sub(value_of, template)


def fill_known(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of those blanks that have one; others stay."""
    return _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), template)


def host_matches(pattern: str, host: str, port: int) -> bool:
    """Tell whether an allowed-hosts entry covers a host and port.

    ``host`` is lower-case ASCII. An entry without a port covers 443, and for
    loopback 80 too.
    """
    name, listed = split_host_pattern(pattern)
    ports = {int(listed)} if listed else ({443, 80} if is_loopback(name) else {443})
    if port not in ports:
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name
