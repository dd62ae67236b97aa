"""One call of each library that has an adapter; every answer names *sam*."""

import fsspec
import gspread.http_client
import requests
from azure.core import PipelineClient
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    RedirectPolicy,
    SensitiveHeaderCleanupPolicy,
)
from azure.core.rest import HttpRequest
from google.auth.transport.requests import AuthorizedSession

_GSPREAD = "https://sheets.googleapis.com"


def prepare(desk, monkeypatch):
    """Let the API answer every library, and the libraries find it."""
    user = {"login": "sam", "url": f"{desk.api.url}/v1/user"}
    sheet = {"properties": {"title": "sam"}, "sheets": [], "spreadsheetUrl": "x"}
    desk.says |= {
        "/v1/user": user,
        "/v1/auth.test": {"ok": True, "user": "sam"},
        "/v1/users/me": {"object": "user", "name": "sam"},
        "/v1/v4/spreadsheets/KEY": sheet | {"spreadsheetId": "KEY"},
    }
    for name, url in vars(gspread.urls).items():
        if name.endswith("_URL") and url.startswith(_GSPREAD):
            here = url.replace(_GSPREAD, f"{desk.api.url}/v1")
            monkeypatch.setattr(gspread.http_client, name, here, raising=False)


def azure_client(credential, desk):
    """Return a client as Microsoft's libraries make one; loopback has no TLS."""
    policy = BearerTokenCredentialPolicy(credential, f"{desk.api.url}/.default")
    around = [RedirectPolicy(), policy, SensitiveHeaderCleanupPolicy()]
    return PipelineClient(desk.api.url, policies=around)


def azure_get(client, url):
    """Send one request, and return its answer."""
    return client.send_request(
        HttpRequest("GET", url), enforce_https=False, connection_verify=True
    )


def _azure(credential, desk):
    # One client for all calls, as in a notebook: it keeps the token.
    client = desk.kept.setdefault(credential, azure_client(credential, desk))
    return azure_get(client, f"{desk.api.url}/v1/me").json()["login"]


def _fsspec(options, desk):
    files = fsspec.filesystem("http", **options)
    return "sam" if b'"sam"' in files.cat(f"{desk.api.url}/v1/me") else None


CALLS = {
    "azure_credential": _azure,
    "google_credentials": lambda credentials, desk: (
        AuthorizedSession(credentials).get(f"{desk.api.url}/v1/me").json()["login"]
    ),
    "gspread": lambda sheets, desk: sheets.open_by_key("KEY").title,
    "headers": lambda headers, desk: requests.get(
        f"{desk.api.url}/v1/me", headers=headers, timeout=60
    ).json()["login"],
    "notion": lambda notion, desk: notion.users.me()["name"],
    "pygithub": lambda hub, desk: hub.get_user().login,
    "requests": lambda session, desk: session.get("/me").json()["login"],
    "slack": lambda slack, desk: slack.auth_test()["user"],
    "storage_options": _fsspec,
}
