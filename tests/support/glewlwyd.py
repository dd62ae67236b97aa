"""Glewlwyd, an authorization server that has nothing in common with the certified one.

It answers errors without a body, its issuer has a path, its addresses have two slashes
in a row, its access tokens are JWT, and it takes Basic credentials as they are.
"""

import base64
import contextlib
import http.cookiejar
import json
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ports import free_port

_TABLES = "usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
#: What its tables begin with; only this machine can reach it, and not for long.
_OPERATOR = {"username": "admin", "password": "password"}
_CONFIGURATION = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}/"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="WARNING"
log_file="{folder}/log"
cookie_secure=0
cookie_same_site="empty"
session_expiration=3600
session_key="G{port}"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
max_post_size=1048576
database={{ type="sqlite3"; path="{folder}/tables.db"; }};
"""
_PLUGIN = {
    "jwt-type": "sha",
    "jwt-key-size": "256",
    "access-token-duration": 3600,
    "refresh-token-duration": 86400,
    "code-duration": 60,
    "refresh-token-rolling": True,
    "refresh-token-one-use": "always",
    "allow-non-oidc": True,
    "auth-type-code-enabled": True,
    "auth-type-code-revoke-replayed": True,
    "auth-type-token-enabled": False,
    "auth-type-implicit-enabled": False,
    "auth-type-password-enabled": False,
    "auth-type-client-enabled": True,
    "auth-type-device-enabled": False,
    "auth-type-refresh-enabled": True,
    "pkce-allowed": True,
    "pkce-required": True,
    "pkce-method-plain-allowed": False,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "introspection-revocation-auth-scope": [],
    "oauth-as-iss-id": True,
    "subject-type": "public",
    "allowed-scope": ["openid", "items.read"],
}


class Said(NamedTuple):
    """What it answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


class _Visitor:
    """Somebody with a browser: keeps cookies, follows nothing."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _KeepRedirects(),
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        data, sent = None, dict(headers or {})
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Said(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            with answer:
                return Said(answer.code, answer.headers, answer.read())


@dataclass(frozen=True, slots=True, kw_only=True)
class Glewlwyd:
    """A running server with one person, ada, and one client.

    Attributes:
        address: Where it listens, without a slash at the end.
        issuer: Its name.
        client_id: A client that may do everything here.
        client_secret: Its secret.
        password: Ada's.
        key: What it signs its tokens with.
    """

    address: str
    issuer: str
    client_id: str
    client_secret: str
    password: str
    key: str

    def consent(self, authorization_url: str) -> str:
        """Do what a person does in the browser: log in and allow.

        Returns:
            The address the browser is sent back to. It is not opened.
        """
        browser = _Visitor()
        to_log_in = browser.ask("GET", authorization_url)
        assert "login.html" in to_log_in.headers["Location"], to_log_in
        asked = dict(
            urllib.parse.parse_qsl(urllib.parse.urlsplit(authorization_url).query)
        )
        # What the script of its page sends.
        self._done(browser, "POST", "auth/", username="ada", password=self.password)
        path = f"auth/grant/{asked['client_id']}"
        self._done(browser, "PUT", path, scope=asked["scope"])
        back = browser.ask("GET", f"{authorization_url}&g_continue")
        assert 302 == back.status, back
        return str(back.headers["Location"])

    def is_active(self, token: str) -> bool:
        """Tell whether a token is good, as the server itself sees it (RFC 7662)."""
        said = self.post("introspect", token=token)
        assert 200 == said.status, said
        return bool(json.loads(said.body)["active"])

    def post(self, endpoint: str, **form: str) -> Said:
        """Ask an endpoint as the client, without anything of ours in between."""
        pair = f"{self.client_id}:{self.client_secret}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        url = f"{self.issuer}/{endpoint}"
        return _Visitor().ask("POST", url, form=form, headers=headers)

    def furnish(self, *, redirect_uris: Sequence[str]) -> None:
        """Do what its operator does: the plugin, a scope, a person and a client."""
        operator = _Visitor()
        self._done(operator, "POST", "auth/", **_OPERATOR)
        name = self.issuer.rpartition("/")[2]
        parameters = _PLUGIN | {"iss": self.issuer, "key": self.key}
        self._done(
            operator,
            "POST",
            "mod/plugin/",
            module="oidc",
            name=name,
            display_name="The other server",
            order_rank=0,
            parameters=parameters,
        )
        self._done(
            operator,
            "POST",
            "scope/",
            name="items.read",
            display_name="Items",
            description="Read items",
            password_required=False,
            password_max_age=0,
            scheme={},
        )
        self._done(
            operator,
            "POST",
            "user/",
            username="ada",
            name="Ada",
            email="ada@example.org",
            password=self.password,
            scope=["openid", "items.read", "g_profile"],
            enabled=True,
        )
        methods = ["client_secret_basic", "client_secret_post"]
        self._done(
            operator,
            "POST",
            "client/",
            client_id=self.client_id,
            name="Desk",
            password=self.client_secret,
            client_secret=self.client_secret,
            confidential=True,
            redirect_uri=list(redirect_uris),
            authorization_type=["code", "refresh_token", "client_credentials"],
            token_endpoint_auth_method=methods,
            scope=["items.read"],
            enabled=True,
        )

    def _done(self, who: _Visitor, method: str, path: str, **body: Any) -> None:
        said = who.ask(method, f"{self.address}/api/{path}", body=body)
        assert 200 == said.status, (path, said)


@contextlib.contextmanager
def running(
    root: Path,
    *,
    client_secret: str,
    password: str,
    redirect_uris: Sequence[str],
    client_id: str = "desk-client",
) -> Iterator[Glewlwyd]:
    """Start the server on a free port of this machine, and end it again.

    Args:
        root: The folder that its files lie below.
        client_secret: What its client is to have.
        password: What Ada is to have.
        redirect_uris: Where its client may return to.
        client_id: What its client is to be called.
    """
    folder = Path(tempfile.mkdtemp(prefix="glewlwyd-"))
    try:
        with sqlite3.connect(folder / "tables.db") as tables:
            tables.executescript(f"BEGIN; {(root / _TABLES).read_text()} COMMIT;")
        tables.close()
        with _started(root, folder) as address:
            server = Glewlwyd(
                address=address,
                issuer=f"{address}/api/oidc",
                client_id=client_id,
                client_secret=client_secret,
                password=password,
                key=secrets.token_hex(32),
            )
            server.furnish(redirect_uris=redirect_uris)
            yield server
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _started(root: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    written = _CONFIGURATION.format(
        port=port, folder=folder, modules=root / "usr/lib/glewlwyd"
    )
    (folder / "configuration").write_text(written)
    command = [root / "usr/bin/glewlwyd", "--config-file", folder / "configuration"]
    if shutil.which("setpriv"):  # it must not outlive a test run that is killed
        command = ["setpriv", "--pdeathsig", "TERM", *command]
    address = f"http://127.0.0.1:{port}"
    # Where it was only unpacked, the loader does not know its libraries.
    libraries = ":".join(map(str, (root / "usr/lib").glob("*-linux-gnu*")))
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LD_LIBRARY_PATH": libraries},
    ) as process:
        try:
            _wait_for(f"{address}/config", process, folder / "log")
            yield address
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if _Visitor().ask("GET", url).status == 200:
                return
        time.sleep(0.02)
    words = log.read_text() if log.exists() else "nothing"
    msg = f"glewlwyd did not start; it said {words}"
    raise AssertionError(msg)
