"""The certified authorization server of ``tests/peers``, as tests use it."""

import contextlib
import http.cookiejar
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PEERS = Path(__file__).resolve().parent.parent / "peers"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
#: Loopback redirect addresses match on any port (RFC 8252, 7.3).
_PREFIXES = ("", "/user/alice")
_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedServer:
    """A running authorization server with an API of its own.

    Attributes:
        issuer: Its address, without a slash at the end.
        client_id: A client that may return to any port of this machine.
        client_secret: Its secret.
        service_id: What ``service_toml`` calls the service.
    """

    process: subprocess.Popen[str]
    issuer: str
    client_id: str
    client_secret: str
    service_id: str = "certified"

    def service_toml(self, **changes: Any) -> str:
        """Return the service as a catalogue file; ``changes`` replace members."""
        host = self.issuer.removeprefix("http://")
        record = {
            "id": self.service_id,
            "name": "Certified Coffee",
            "description": "Orders and prices of a coffee bar, behind a certified server",
            "category": "Practice",
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "revocation_endpoint": f"{self.issuer}/token/revocation",
            "default_scopes": ["openid", "offline_access", "items.read"],
            "iss_parameter_supported": True,
            "api_base_url": f"{self.issuer}/api",
            "api_hosts": [host],
            "test_path": "/me",
            "account_field": "sub",
        } | changes
        lines = ["[[service]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in record.items()]
        # A refresh token is given only when consent is asked for.
        lines += ["[service.authorization_parameters]", 'prompt = "consent"']
        for name, shown, read_only in (
            ("openid", "Know who you are", True),
            ("offline_access", "Stay connected", True),
            ("items.read", "Read items", True),
            ("items.write", "Change items", False),
        ):
            lines += [
                "[[service.scopes]]",
                f"name = {_toml(name)}",
                f"display_name = {_toml(shown)}",
                f"read_only = {_toml(read_only)}",
            ]
        return "\n".join(lines) + "\n"

    def counters(self) -> dict[str, int]:
        """Return how often it did what: code, refresh, refused, api, api_401, …."""
        counted: dict[str, int] = self._control("counters")
        return counted

    def issued(self) -> list[str]:
        """Return every code and token that it gave out."""
        tokens: list[str] = self._control("issued")
        return tokens

    def play(self, **faults: int) -> None:
        """Misbehave: ``api_401=1`` refuses the next call though the token is good.

        Others: ``api_500``, ``token_502``.
        """
        self._control("faults", json.dumps(faults).encode())

    def visit(self, url: str) -> str:
        """Open an address in a new browser; return the page it ends at, or is sent to."""
        return _Browser().open(url)

    def consent(
        self, authorization_url: str, *, login: str = "ada", answer: str = "ok"
    ) -> str:
        """Do what a person does in the browser: log in and allow.

        Args:
            authorization_url: Where the client sends the browser.
            login: Who logs in.
            answer: ``ok`` or ``cancel``, on the consent page.

        Returns:
            The address the browser is sent back to, with code and state. It is
            not opened.
        """
        browser = _Browser()
        url = browser.open(authorization_url)
        url = browser.open(url, login=login, answer="ok")
        return browser.open(url, answer=answer)

    def type_code(
        self,
        verification_uri: str,
        code: str,
        *,
        login: str = "ada",
        answer: str = "ok",
    ) -> None:
        """Do what a person does on another device: type the code, log in, allow.

        Args:
            verification_uri: Where codes are typed.
            code: What is shown to the person.
            login: Who logs in.
            answer: ``ok`` or ``cancel``, on the consent page.
        """
        browser = _Browser()
        page = browser.read(f"{verification_uri}?user_code={code}")
        found = re.search(r'name="xsrf" value="([^"]+)"', page)
        assert found is not None, "it is no page to type a code at"
        form = {"xsrf": found[1], "user_code": code, "confirm": "yes"}
        url = browser.open(verification_uri, **form)
        url = browser.open(url, login=login, answer="ok")
        browser.open(url, answer=answer)

    def stop(self) -> None:
        """End it; afterwards its address answers nothing."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def _control(self, what: str, body: bytes | None = None) -> Any:
        with _OPENER.open(f"{self.issuer}/_test/{what}", body, timeout=60) as answer:
            return json.load(answer)


class _KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


class _Browser:
    """Follows redirects on one server, with cookies, until it leaves or sees a page."""

    def __init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(jar),
            _KeepRedirects(),
        )

    def read(self, url: str) -> str:
        with self._opener.open(url, timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    def open(self, url: str, **form: str) -> str:
        home = urllib.parse.urlsplit(url).netloc
        body = urllib.parse.urlencode(form).encode() if form else None
        while urllib.parse.urlsplit(url).netloc == home:
            try:
                with self._opener.open(url, body, timeout=60):
                    return url
            except urllib.error.HTTPError as answer:
                with answer:
                    if answer.code not in {302, 303}:
                        raise
                    url = urllib.parse.urljoin(url, answer.headers["Location"])
            body = None
        return url


def _toml(value: Any) -> str:
    """Write a text, flag or list of texts as TOML, whose forms JSON shares."""
    return json.dumps(value)


@contextlib.contextmanager
def running(
    *, client_id: str, client_secret: str, service_id: str = "certified", **options: Any
) -> Iterator[CertifiedServer]:
    """Start the server and end it again.

    Args:
        client_id: The client it knows.
        client_secret: That client's secret.
        service_id: The last part of the redirect addresses.
        options: See the head of ``tests/peers/server.mjs``.
    """
    client = {
        "client_id": client_id,
        "client_secret": client_secret,
        "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [
            f"http://{host}{prefix}/connections/callback/{service_id}"
            for host in _HOSTS
            for prefix in _PREFIXES
        ],
    }
    process = subprocess.Popen(
        ["node", str(PEERS / "server.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1"},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"clients": [client], **options}) + "\n")
        process.stdin.flush()
        ready = json.loads(process.stdout.readline())
        server = CertifiedServer(
            process=process,
            issuer=ready["issuer"],
            client_id=client_id,
            client_secret=client_secret,
            service_id=service_id,
        )
        try:
            yield server
        finally:
            if process.poll() is None:
                server.stop()
