"""Our cookies: what ties an authorization to one browser, and what a page remembers."""

import hashlib
from typing import Any, Final
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

_YEAR: Final = 365 * 24 * 3600


class FlowCookies:
    """Names and attributes, worked out from the address that browsers use.

    Browsers do not keep the cookies of two ports apart, so names carry the port. They
    carry a mark of the attempt too: two can be under way in one browser.

    Args:
        public_url: What our pages start with.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._secure = parts.scheme == "https"
        self._path = parts.path
        self._port = parts.port or (443 if self._secure else 80)

    def binding(self, state: str) -> str:
        """Return the name of the cookie that ties an attempt to its browser.

        With ``__Host-`` no other host can have set it (RFC 6265bis 4.1.3.2).
        """
        mark = hashlib.sha256(state.encode()).hexdigest()[:12]
        prefix = "__Host-" if self._secure else ""
        return f"{prefix}connections-{self._port}-{mark}"

    def binding_attributes(self) -> dict[str, Any]:
        """Return its attributes; Lax, because the provider's site leads back here."""
        return self._attributes("/" if self._secure else self._path)

    def result(self) -> str:
        """Return the name of the cookie that may see how an attempt ended."""
        return f"{'__Secure-' if self._secure else ''}connections-result"

    def result_attributes(self, flow: str) -> dict[str, Any]:
        """Return its attributes; it travels to the page of this attempt only."""
        return self._attributes(f"{self._path}result/{flow}")

    def _attributes(self, path: str) -> dict[str, Any]:
        common = {"path": path, "httponly": True, "samesite": "Lax"}
        return common | ({"secure": True} if self._secure else {})


class NoteCookie:
    """The cookie that says on the next page what was done on this one.

    Args:
        request: The browser's; it comes back to where it is, however that is spelled.
        root: The path of all our pages.
    """

    def __init__(self, request: HTTPServerRequest, root: str) -> None:
        self._secure = request.protocol == "https"
        self._root = root
        self._port = request.host.rpartition(":")[2]

    @property
    def name(self) -> str:
        """Its name; browsers do not keep the cookies of two ports apart."""
        port = f"-{self._port}" if self._port.isdigit() else ""
        return f"{'__Secure-' if self._secure else ''}connections-note{port}"

    def attributes(self) -> dict[str, Any]:
        """Return its attributes; no other site's link or form brings it."""
        common = {"path": self._root, "httponly": True, "samesite": "Strict"}
        return common | ({"secure": True} if self._secure else {})


class ThemeCookie:
    """The cookie that keeps how a browser wants our pages.

    Args:
        request: The browser's.
        root: The path of all our pages.
    """

    name = "connections-theme"

    def __init__(self, request: HTTPServerRequest, root: str) -> None:
        self._secure = request.protocol == "https"
        self._root = root

    def value_of(self, wanted: str) -> str:
        """Return what is kept: ``light``, ``dark``, or nothing, as the system is."""
        return wanted if wanted in {"light", "dark"} else ""

    def attributes(self, *, keep: bool) -> dict[str, Any]:
        """Return its attributes; Lax, because links from elsewhere lead here too."""
        return {
            "path": self._root,
            "httponly": True,
            "samesite": "Lax",
            "secure": self._secure,
            "max_age": _YEAR if keep else 0,
        }
