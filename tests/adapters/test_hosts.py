"""No library takes the credential anywhere else, however it is sent there."""

import pickle
import time

import fsspec
import github
import gspread.exceptions
import notion_client
import pandas as pd
import pytest
import requests
from azure.core.exceptions import HttpResponseError
from google.auth.transport.requests import AuthorizedSession
from library_calls import CALLS, azure_client, azure_get, prepare
from slack_sdk.errors import SlackApiError

import conn_magics as cm
from conn_core.errors import HostNotAllowed, InvalidInput


@pytest.fixture
def ready(desk, monkeypatch):
    """The desk, with answers for every library."""
    prepare(desk, monkeypatch)
    return desk


def elsewhere(desk):
    """Return whether the stranger saw a credential: never, whatever it saw."""
    return [s for s in desk.stranger.seen if "CNRY" in s.everything]


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"headers"}))
@pytest.mark.parametrize("status", [301, 302, 307])
def test_F3_a_redirect_to_another_host_takes_no_credential_along(
    ready, reply, name, status
):
    """Refused by us, or followed without it, or not followed at all."""
    away = reply(status, headers={"Location": f"{ready.stranger.url}/x"})
    ready.says = dict.fromkeys(ready.says, away)
    thing = cm.get("desk").adapter(name)

    with pytest.raises(
        (
            HostNotAllowed,
            AssertionError,
            RuntimeError,
            github.GithubException,
            gspread.exceptions.APIError,
            notion_client.errors.NotionClientErrorBase,
            requests.RequestException,
            KeyError,
            SlackApiError,
            ValueError,
        )
    ):
        assert CALLS[name](thing, ready) is not None

    assert ready.sent
    assert [] == elsewhere(ready)


def test_F1_google_credentials_are_for_the_services_own_hosts(desk):
    """The request is refused before it is sent."""
    session = AuthorizedSession(cm.get("desk").google_credentials())

    with pytest.raises(HostNotAllowed, match=desk.stranger.host):
        session.get(f"{desk.stranger.url}/drive/v3/files")

    assert [] == desk.stranger.seen


def test_F1_files_are_read_from_the_services_own_hosts(desk):
    """Whatever address is opened with the options."""
    files = fsspec.filesystem("http", **cm.get("desk").storage_options("http"))

    with pytest.raises(HostNotAllowed, match=desk.stranger.host):
        files.cat(f"{desk.stranger.url}/data.csv")

    assert [] == desk.stranger.seen


@pytest.mark.parametrize(
    ("scope", "fits"),
    [
        ("{api}/.default", True),
        ("{api}/user_impersonation", True),
        ("all", True),
        ("https://vault.azure.net/.default", False),
        ("499b84ac-1321-427f-aa17-267ca6975798/.default", False),
    ],
)
def test_F1_azure_tokens_are_for_the_services_own_scopes(desk, scope, fits):
    """A library that wants a token for another service gets none."""
    credential = cm.get("desk").azure_credential()
    asked = scope.format(api=desk.api.url)

    if fits:
        assert credential.get_token(asked).token
    else:
        with pytest.raises(HostNotAllowed):
            credential.get_token(asked)


def test_an_azure_scope_that_was_granted_needs_no_host(lent):
    """The name of a resource is not always the host of its API."""
    found = lent(scopes=("https://storage.azure.com/user_impersonation",))
    credential = found.azure_credential()

    assert credential.get_token("https://storage.azure.com/.default").token
    with pytest.raises(HostNotAllowed, match="may only be used with"):
        credential.get_token("https://storage.azure.com.evil.example/.default")


def test_azure_requests_that_are_redirected_lose_the_token(desk, reply):
    """Microsoft's own policy; the address is the client's choice."""
    desk.says["/v1/me"] = reply(302, headers={"Location": f"{desk.stranger.url}/x"})
    client = azure_client(cm.get("desk").azure_credential(), desk)

    azure_get(client, f"{desk.api.url}/v1/me")

    assert 1 == len(desk.stranger.seen)
    assert [] == elsewhere(desk)


def test_pandas_gets_no_options_that_it_would_spread(desk):
    """It would send them as headers wherever the address leads."""
    options = cm.get("desk").storage_options("http")
    with pytest.raises(InvalidInput, match=r"fsspec\.open\(url, \*\*options\) as file"):
        pd.read_json(f"{desk.api.url}/v1/me", storage_options=options)

    assert [] == desk.api.seen


def test_pandas_reads_what_fsspec_opened(desk, reply):
    """Twice, with the token of the moment; that is what the error says to write."""
    desk.says["/v1/data.csv"] = reply(body=b"who,cakes\nsam,3\n")
    url, options = f"{desk.api.url}/v1/data.csv", cm.get("desk").storage_options("http")
    for _ in range(2):
        with fsspec.open(url, **options) as file:
            found = pd.read_csv(file)
        assert {"who": ["sam"], "cakes": [3]} == found.to_dict("list")
        desk.later()
    assert 2 == len(set(desk.sent))


def test_github_addresses_of_another_host_are_refused(ready):
    """An address in an answer is followed by PyGithub; ours are the allowed hosts."""
    hub = cm.get("desk").pygithub()
    with pytest.raises(AssertionError):
        hub.requester.requestJsonAndCheck("GET", f"{ready.stranger.url}/user")
    with pytest.raises(HostNotAllowed):
        # a host that PyGithub trusts, because it is below its own
        hub.requester.requestJsonAndCheck("GET", "https://uploads.127.0.0.1/user")

    assert [] == ready.stranger.seen


def test_an_answer_of_azure_that_wants_claims_is_given_another_token(desk, reply):
    """Continuous access evaluation: the API says what the token lacks."""
    credential = cm.get("desk").azure_credential()
    client = azure_client(credential, desk)
    challenge = 'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'
    azure_get(client, f"{desk.api.url}/v1/me")
    desk.refuse()
    usual = desk.api.answer

    def challenging(seen):
        answer = usual(seen)
        if answer.status == 401:
            answer.headers["WWW-Authenticate"] = challenge
        return answer

    desk.api.answer = challenging

    assert "sam" == azure_get(client, f"{desk.api.url}/v1/me").json()["login"]
    assert 1 == desk.provider.refreshes


def test_azure_knows_when_a_token_ends_and_does_not_show_it(desk, canary):
    """In the older form and in the newer one."""
    credential = cm.get("desk").azure_credential()
    with credential as same:
        old, new = same.get_token("all"), same.get_token_info("all", options={})
    ends = int(desk.broker.access_token("desk").expires_at.timestamp())

    assert (ends, ends) == (old.expires_on, new.expires_on)
    assert old.token == new.token
    assert new.refresh_on <= ends
    canary.sweep(texts={"shown": f"{old!r} {old} {new!r} {new}"})
    for each in (old, new):
        with pytest.raises(TypeError, match="cannot be serialised"):
            pickle.dumps(each)


def test_azure_asks_again_soon_where_nobody_says_when_a_token_ends(lent):
    """A minute is no promise."""
    token = lent(expires_at=None).azure_credential().get_token()

    assert 0 <= token.expires_on - time.time() <= 61


def test_errors_of_azure_are_still_errors(desk):
    """Nothing is swallowed on the way."""
    client = azure_client(cm.get("desk").azure_credential(), desk)

    with pytest.raises(HttpResponseError):
        azure_get(client, f"{desk.api.url}/v1/nothing").raise_for_status()
