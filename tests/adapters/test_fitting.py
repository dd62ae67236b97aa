"""What an adapter cannot do for a connection it says, and which one can."""

import pickle

import aiohttp
import fsspec
import pytest

import conn_magics as cm
from conn_core import Secret
from conn_core.broker import Relay
from conn_core.errors import InteractionRequired, InvalidInput, ScopeMissing, Sealed

#: They hand over the credential itself.
RAW = (
    "azure_credential",
    "google_credentials",
    "headers",
    "sqlalchemy_engine",
    "storage_options",
)
#: Their requests are ours.
CARRIED = ("gspread", "notion", "pygithub", "requests", "slack")
KEY_IN_QUERY = {"param_type": "query", "param_name": "key", "param_prefix": ""}
OWN_HEADER = {"param_name": "X-Api-Key", "param_prefix": ""}


def opened(found, name):
    url = {"url": "postgresql+psycopg://sam@127.0.0.1/db"}
    return found.adapter(name, **(url if name == "sqlalchemy_engine" else {}))


@pytest.fixture
def new_relay():
    """Makes the way through a server."""
    bearer = Secret("CNRY-bearer-of-the-way")
    return lambda peer: Relay(f"{peer.url}/proxy", bearer=lambda _: bearer)


@pytest.fixture
def database(lent, api):
    """As ``lent``, with the host of a database among the allowed ones."""
    return lambda **changes: lent(api_hosts=(api.host, "127.0.0.1:5432"), **changes)


@pytest.mark.parametrize("name", RAW)
def test_no_raw_token_of_a_sealed_connection(database, name):
    """Neither when it is asked for nor later."""
    found = database(exposure="sealed")

    with pytest.raises(Sealed) as caught:
        opened(found, name)

    assert (
        "'desk' is sealed: its token stays with the broker, and requests go through it. "
        "Use cm.connect('desk') or a %%connection cell"
    ) == str(caught.value)


@pytest.mark.parametrize("more_hosts", [("127.0.0.1:5432",)])
@pytest.mark.parametrize("name", RAW)
def test_J_sealing_ends_what_was_handed_out_before(desk, clock, name):
    """Within a second; what other hands hold already expires."""
    handed_out = opened(cm.get("desk"), name)
    desk.broker.seal("desk")
    clock[0] += 1

    with pytest.raises(Sealed):
        LOOKS[name](handed_out, desk)


#: How a library looks for the credential.
LOOKS = {
    "azure_credential": lambda found, desk: found.get_token(),
    "google_credentials": lambda found, desk: found.token,
    "headers": lambda found, desk: dict(found),
    "sqlalchemy_engine": lambda found, desk: found.connect(),
    "storage_options": lambda found, desk: fsspec.filesystem("http", **found).cat(
        f"{desk.api.url}/v1/me"
    ),
}

#: One call of each library that sends through the connection.
CARRIED_CALLS = {
    "notion": lambda notion: notion.users.me()["name"],
    "pygithub": lambda hub: hub.get_user().login,
    "requests": lambda session: session.get("/user").json()["login"],
    "slack": lambda slack: slack.auth_test()["user"],
}


@pytest.mark.parametrize("name", CARRIED_CALLS)
def test_J_what_we_carry_goes_through_the_relay(lent, api, reply, new_relay, name):
    """And the library holds neither a token nor the way's bearer."""
    said = (
        b'{"ok": true, "user": "sam", "login": "sam", "name": "sam", "url": "/v1/user"}'
    )
    api.answer = lambda _: reply(body=said, headers={"X-Connections-Upstream": "1"})
    found = lent(exposure="sealed", access_token=Secret(""), way=new_relay(api))

    assert "sam" == CARRIED_CALLS[name](found.adapter(name))

    [seen] = api.seen
    assert seen.path.startswith("/proxy/v1/")
    assert api.url == seen.headers["x-connections-origin"]
    assert "Bearer CNRY-bearer-of-the-way" == seen.headers["authorization"]


@pytest.mark.parametrize("name", CARRIED)
def test_what_we_carry_needs_no_raw_token(lent, name):
    """Sealed or not: it is as good as our own client."""
    opened(lent(exposure="sealed"), name)


@pytest.mark.parametrize("name", RAW)
def test_J3_what_is_signed_has_no_token(database, name):
    """An empty one would only look like one."""
    found = database(signed_by="oauth1", access_token=Secret(""))

    with pytest.raises(InvalidInput, match="signs each request"):
        opened(found, name)


@pytest.mark.parametrize("name", ["google_credentials", "azure_credential"])
@pytest.mark.parametrize("changes", [KEY_IN_QUERY, OWN_HEADER], ids=["query", "header"])
def test_libraries_that_send_bearer_tokens_need_one(lent, name, changes):
    """The error names the adapter that fits."""
    with pytest.raises(InvalidInput) as caught:
        lent(**changes).adapter(name)

    assert (
        f"Adapter '{name}' does not fit 'desk': its credential is no bearer token in a "
        "header. Use cm.get('desk').requests(), or cm.connect('desk')"
    ) == str(caught.value)


@pytest.mark.parametrize("name", ["headers", "storage_options"])
@pytest.mark.parametrize(
    "changes",
    [KEY_IN_QUERY, {"param_type": "body"}, {"api_query": {"key": "{credential}"}}],
    ids=["query", "body", "both"],
)
def test_headers_carry_what_is_sent_in_headers(lent, name, changes):
    """A part of it would be of no use."""
    with pytest.raises(
        InvalidInput, match="does not send its credential in a header alone"
    ):
        lent(**changes).adapter(name)


def test_headers_are_all_that_a_request_carries(lent, canary):
    """Read anew each time; a copy is what they were."""
    found = lent(api_headers={"X-Version": "7"}, **OWN_HEADER).headers()

    assert {"X-Version", "X-Api-Key"} == set(found) == set(dict(found))
    assert ("7", 2) == (found["x-version"], len(found))
    assert canary.found_in(found["x-api-key"].encode())
    assert "Cookie" not in found
    with pytest.raises(KeyError):
        found["Cookie"]
    canary.sweep(texts={"shown": f"{found!r} {found}"})


def test_storage_options_are_for_https(lent):
    """Other protocols have credentials of their own."""
    with pytest.raises(
        InvalidInput, match="There are storage options for https, not for 's3'"
    ):
        lent().storage_options("s3")


def test_a_401_that_no_other_token_helps_is_the_answer(lent, api, reply):
    """As when the broker has none; a file that is written is not written twice."""
    api.answer = lambda _: reply(401)
    files = fsspec.filesystem("http", **lent().storage_options("http"))

    with pytest.raises(aiohttp.ClientResponseError, match="401"):
        files.cat(f"{api.url}/v1/data.csv")
    with pytest.raises(aiohttp.ClientResponseError, match="401"):
        files.pipe(f"{api.url}/v1/data.csv", b"who,cakes")

    assert ["GET", "PUT"] == [seen.method for seen in api.seen]


def test_K_an_error_of_a_file_does_not_show_the_token(lent, api, reply, canary):
    """An answer knows its request, and aiohttp shows both."""
    api.answer = lambda _: reply(500)
    options = lent().storage_options("http")
    files = fsspec.filesystem("http", **options)

    with pytest.raises(aiohttp.ClientResponseError) as caught:
        files.cat(f"{api.url}/v1/data.csv", headers={"X-Mine": "yes"})

    error = f"{caught.value!r} {files!r} {files.storage_options}"
    canary.sweep(texts={"error": error, "pickle": pickle.dumps(files)})
    assert "yes" == api.seen[0].headers["x-mine"]
    assert {"get_client", "skip_instance_cache"} == set(options)
    assert 2 == len(options)


def test_a_scope_that_is_missing_is_named(desk):
    """Also for an adapter; nobody is there to add it."""
    with pytest.raises(
        (ScopeMissing, InteractionRequired), match="lacks the scope 'more'"
    ):
        cm.get("desk").adapter("requests", require=("more",))


def test_google_libraries_find_what_they_look_for(desk):
    """Valid, never expired, with a token for whoever reads it, and its end."""
    from google.auth.credentials import TokenState

    credentials = cm.get("desk").google_credentials()
    credentials.refresh(None)

    assert (True, False, TokenState.FRESH) == (
        credentials.valid,
        credentials.expired,
        credentials.token_state,
    )
    assert desk.provider.is_good(credentials.token)
    assert credentials.expiry.tzinfo is None
    assert 0 == desk.provider.refreshes
    desk.later()
    assert desk.provider.is_good(credentials.token)


def test_google_credentials_may_have_no_end(lent):
    """Some tokens last until they are revoked."""
    assert lent(expires_at=None).google_credentials().expiry is None


def test_notion_sends_the_version_of_the_service(lent, api, reply):
    """What the catalogue says goes before what the library thinks."""
    api.answer = lambda _: reply(body=b'{"name": "sam"}')
    notion = lent(api_headers={"Notion-Version": "2022-06-28"}).notion()

    assert "sam" == notion.users.me()["name"]
    assert ["/v1/users/me"] == [seen.path for seen in api.seen]
    assert "2022-06-28" == api.seen[0].headers["notion-version"]


def test_slack_errors_and_archives_are_slacks_own(lent, api, reply, canary):
    """A refused call, one too many, and what is no text."""
    from slack_sdk.errors import SlackApiError

    slack = lent().slack()
    answers = [
        reply(body=b'{"ok": false, "error": "invalid_auth"}'),
        reply(429, b'{"ok": false, "error": "ratelimited"}', {"Retry-After": "0"}),
        reply(body=b"\x1f\x8bzip", headers={"Content-Type": "application/gzip"}),
    ]
    api.answer = lambda _: answers.pop(0)

    with pytest.raises(SlackApiError, match="invalid_auth") as caught:
        slack.auth_test()
    with pytest.raises(SlackApiError, match="ratelimited"):
        slack.auth_test()
    assert b"\x1f\x8bzip" == slack.api_call("admin.analytics.getFile").data
    assert slack.token is None
    canary.sweep(texts={"answer": repr(vars(caught.value.response))})


def test_slack_is_told_of_an_api_that_is_not_there(lent, api):
    """As an OS error, after a try more."""
    slack = lent().slack()
    api.close()

    with pytest.raises(ConnectionError):
        slack.auth_test()


def test_pygithub_waits_for_quota_as_ever(lent, api, reply):
    """And its copies send through the connection too."""
    hub = lent().pygithub()
    answers = [
        reply(403, b'{"message": "slow down"}', {"Retry-After": "0"}),
        reply(body=b'{"login": "sam", "url": "/v1/user"}'),
        reply(body=b'{"login": "kim", "url": "/v1/user"}'),
    ]
    api.answer = lambda _: answers.pop(0)

    assert "sam" == hub.get_user().login
    assert "kim" == hub.withLazy(lazy=True).get_user().login
    assert 1 == len({seen.headers["authorization"] for seen in api.seen})
    assert hub.requester.auth.token.startswith("CNRY-")
    assert "Bearer" == hub.requester.auth.token_type


def test_objects_of_pygithub_travel_and_ask_again(lent, api, reply, canary):
    """A repository holds the way to its own requests."""
    api.answer = lambda _: reply(body=b'{"login": "sam", "url": "/v1/user"}')
    user = lent().pygithub().get_user("sam")
    packed = pickle.dumps(user)

    canary.sweep(texts={"pickle": packed})
    again = pickle.loads(packed)
    assert again.update() is not None
    assert 2 == len(api.seen)


def test_pygithub_logs_no_credential(lent, api, reply, canary, caplog):
    """Its debug log shows what was sent."""
    caplog.set_level("DEBUG")
    api.answer = lambda _: reply(body=b'{"login": "sam", "url": "/v1/user"}')
    lent().pygithub().get_user("sam")

    assert "GET" in caplog.text
    canary.sweep(texts={"log": caplog.text})
