"""A person at a browser, without the browser: for tests that nobody attends."""

import http.cookiejar
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from ._people import PEOPLE

_MOST_STEPS: Final = 20
_TIMEOUT_SECONDS: Final = 30


@dataclass(slots=True, kw_only=True)
class VisitedPage:
    """Where a visit has led.

    Attributes:
        url: The address of the page.
        status: The HTTP status.
        text: The page as HTML; empty where it was not opened.
    """

    url: str
    status: int = 0
    text: str = field(default="", repr=False)


class Visitor:
    """Opens pages with cookies, logs in to the practice service and answers it.

    Args:
        login: Who it is; one of the practice service's people.
        allow: Whether to allow what is asked for.
        scopes: Which scopes to leave ticked; None leaves all.
    """

    def __init__(
        self,
        login: str = "ada",
        *,
        allow: bool = True,
        scopes: Collection[str] | None = None,
    ) -> None:
        self._person = PEOPLE[login]
        self._allow = allow
        self._scopes = scopes
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _NoRedirects(),
        )

    def open(
        self, url: str, form: Mapping[str, Any] | None = None, *, stay_at: str = ""
    ) -> VisitedPage:
        """Open an address and follow where it leads.

        Args:
            url: The address.
            form: Fields to send.
            stay_at: An origin; the first address elsewhere is not opened.
        """
        body = None if form is None else urlencode(form, doseq=True).encode()
        for _ in range(_MOST_STEPS):
            if stay_at and _origin(url) != stay_at:
                return VisitedPage(url=url)
            status, location, text = self._ask(url, body)
            if not location:
                return VisitedPage(url=url, status=status, text=text)
            url, body = urljoin(url, location), None
        msg = f"{_origin(url)} leads in a circle"
        raise RuntimeError(msg)

    def authorize(self, url: str, *, come_back: bool = True) -> VisitedPage:
        """Open an address that leads to the practice service, log in and answer.

        Args:
            url: A start link of ours, or the service's authorize address.
            come_back: Open the address that the service sends us back to.

        Returns:
            The last page; without ``come_back`` only its address.
        """
        page = self.open(url)
        if "/oauth/log-in/" in page.url:
            fields = {"login": self._person.login, "password": self._person.password}
            page = self.open(page.url, _hidden(page.text) | fields)
        if "/oauth/consent/" not in page.url:
            return page
        return self.open(
            page.url,
            self._answer(page.text),
            stay_at="" if come_back else _origin(page.url),
        )

    def _answer(self, text: str) -> dict[str, Any]:
        asked = _values(text, "checkbox").get("scope", [])
        kept = [s for s in asked if self._scopes is None or s in self._scopes]
        answer = "allow" if self._allow else "cancel"
        return _hidden(text) | {"scope": kept, "answer": answer}

    def _ask(self, url: str, body: bytes | None) -> tuple[int, str, str]:
        if urlsplit(url).scheme not in {"http", "https"}:
            msg = "A visitor opens web pages only"
            raise ValueError(msg)
        request = urllib.request.Request(url, body)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")
                return error.code, error.headers.get("Location", ""), text


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to us: we must see where they lead."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


class _Inputs(HTMLParser):
    """Collects the inputs of a page by type and name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, list[str]]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an input."""
        held = dict(attrs)
        if tag == "input":
            kind = self.found.setdefault(held.get("type") or "text", {})
            kind.setdefault(held.get("name") or "", []).append(held.get("value") or "")


def _values(text: str, kind: str) -> dict[str, list[str]]:
    parser = _Inputs()
    parser.feed(text)
    parser.close()
    return parser.found.get(kind, {})


def _hidden(text: str) -> dict[str, Any]:
    return {name: values[0] for name, values in _values(text, "hidden").items()}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
