"""The address that signs: for programs only, and a kernel never sees what signs."""

import asyncio

import pytest
from canary import Canary
from oauth1_site import CLIENT_ID, OAuth1Site
from reachable import texts_held_by

from conn_core import ClientRegistration, ConnectionDraft, Secret
from conn_core.auth import LARGEST_FORM
from conn_core.broker import RemoteBroker
from conn_core.errors import ConnectionRevoked, HostNotAllowed, InvalidInput
from conn_core.http import connected_async_client, connected_client
from conn_serverext.practice import Visitor

PATH = "api/v1/connections/mine/sign"
QUESTION = {"method": "GET", "url": "https://api.coffee.example/v1/me"}


@pytest.fixture
def server_token(jp_serverapp):
    """What a script of the server's owner sends."""
    return {"Authorization": f"token {jp_serverapp.identity_provider.token}"}


@pytest.mark.parametrize(
    "sign",
    [
        {"Cookie": "anything=1"},
        {"Origin": "http://127.0.0.1:8888"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("who", ["kernel_header", "server_token"])
async def test_D21_a_browser_is_refused_whatever_it_knows(
    fetch, provider, sign, who, request
):
    """One sign of a browser is enough, also beside a good token."""
    headers = request.getfixturevalue(who) | sign

    answer = await fetch("POST", PATH, headers=headers, body=QUESTION)

    assert (403, "not_allowed") == (answer.code, answer.json["code"])
    assert answer.json["message"].startswith("Signatures are handed to programs")


async def test_a_token_in_the_address_is_refused(
    fetch, provider, server_token, jp_serverapp
):
    """Addresses are logged."""
    path = f"{PATH}?token={jp_serverapp.identity_provider.token}"

    answer = await fetch("POST", path, headers=server_token, body=QUESTION)

    assert 403 == answer.code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": None}, "method"),
        ({"method": "GET /"}, "method"),
        ({"url": 1}, "url"),
        ({"content_type": None}, "content_type"),
        ({"form": {"a": "b"}}, "form"),
        ({"headers": {}}, "headers"),
    ],
)
async def test_a_wrong_request_is_named(kernel, change, field):
    """422 with the field that is wrong."""
    answer = await kernel("POST", PATH, body=QUESTION | change)

    assert (422, [field]) == (answer.code, list(answer.json["fields"]))


async def test_a_form_of_a_mebibyte_gets_in_and_more_does_not(kernel):
    """Elsewhere 64 KiB are enough; here the form is what is signed."""
    largest = await kernel("POST", PATH, body=QUESTION | {"form": "a" * LARGEST_FORM})
    larger = await kernel("POST", PATH, body=QUESTION | {"form": "a" * 1_200_000})
    elsewhere = await kernel("POST", "api/v1/connections", body={"a": "b" * 70_000})

    assert (404, "connection_not_found") == (largest.code, largest.json["code"])
    assert (413, "A request may have at most 1,114,112 bytes") == (
        larger.code,
        larger.json["message"],
    )
    assert "65,536" in elsewhere.json["message"]


async def test_what_carries_its_credential_is_not_signed(
    kernel, connect, browser, root, grant
):
    """The broker's own words arrive."""
    begun = await connect(name="mine")
    started = await browser.get(f"{root}start/{begun['flow']}")
    await browser.get(grant(started))

    answer = await kernel("POST", PATH, body=QUESTION)

    assert 422 == answer.code
    assert "does not sign its requests" in answer.json["message"]


# --- a server in a process of its own, a provider on the wire ----------------------------


@pytest.fixture(scope="module")
def secrets():
    """Everything that signs."""
    return Canary()


@pytest.fixture(scope="module")
def client_secret(secrets):
    """The one that belongs to the organisation."""
    return secrets("client-secret:%+ &=")


@pytest.fixture(scope="module")
def site(client_secret, secrets):
    """An OAuth 1.0a provider whose signatures authlib verifies."""
    site = OAuth1Site(client_secret=client_secret, redirect_uri="", canary=secrets)
    yield site
    site.peer.close()


@pytest.fixture(scope="module")
def broker(start_server, environment, site, home, client_secret):
    """What a kernel holds of a server with a connection that was authorized."""
    catalog = home / "old.toml"
    catalog.write_text(site.service_toml())
    environment["JUPYTER_CONNECTIONS_CATALOG"] = str(catalog)
    environment["JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"] = "1"
    _, handle = start_server("--ServerApp.port=0")
    endpoint, runtime = handle["endpoint"], environment["JUPYTER_RUNTIME_DIR"]
    broker = RemoteBroker(endpoint, runtime_dir=runtime)
    registration = ClientRegistration(client_id=CLIENT_ID, client_secret=client_secret)
    broker.register_client("old-desk", registration)
    broker.create(ConnectionDraft(service="old-desk"))
    visitor = Visitor()
    token = environment["JUPYTER_TOKEN"]
    visitor.open(endpoint.replace("connections/", f"api/status?token={token}"))
    page = visitor.open(broker.authorize("old-desk").start_url)
    assert "You are connected." in page.text, page
    yield broker
    broker.close()


in_kernel = pytest.mark.kernel


@in_kernel
def test_a_kernel_calls_an_api_of_the_old_kind(broker, site):
    """Request token, consent, access token, a signed GET and a signed form."""
    site.calls.clear()
    with connected_client(broker, "old-desk") as client:
        got = client.get("/items", params={"q": "a b&c", "f[a]": "ä"})
        sent = client.post("/notes", data={"text": "a b&c", "empty": ""})

    async def more():
        async with connected_async_client(broker, "old-desk") as client:
            return await asyncio.gather(
                *(client.post("/notes", data={"n": str(n)}) for n in range(8))
            )

    answers = [got, sent, *asyncio.run(more())]

    assert {200} == {answer.status_code for answer in answers}
    assert [] == site.refused
    assert ("POST", "/api/notes", [("text", "a b&c"), ("empty", "")]) in site.calls
    assert 10 == len(site.calls)
    assert "ada" == broker.connection("old-desk").account


@in_kernel
def test_J3_nothing_that_signs_reaches_a_kernel(broker, site, secrets, home):
    """However deep one digs in what a kernel holds; the server's log has none either."""
    with connected_client(broker, "old-desk") as client:
        answer = client.post("/notes", data={"a": "b"})
        held = texts_held_by([client, broker, answer, client._source.fresh()])

    assert "authorization" not in answer.request.headers
    assert site.peer.seen[-1].headers["authorization"].startswith("OAuth ")
    assert "Old Desk" in held
    # The client secret, a request token's name and secret, a verifier, a token's secret.
    assert 5 == len(secrets)
    assert 2 == secrets.sweep([home / "log"], {"what a kernel holds": held})


def test_the_walk_of_these_tests_finds_what_is_there(secrets, client_secret):
    """In a Secret, too, wherever it is."""
    there = {"a": [Secret(client_secret)]}

    assert {"client-secret:%+ &="} == secrets.found_in(texts_held_by(there).encode())


@in_kernel
def test_only_what_is_signed_travels_to_the_server(broker, site, monkeypatch):
    """No other header, and no body but a form."""
    asked = []
    real = broker._wire.ask
    monkeypatch.setattr(
        broker._wire,
        "ask",
        lambda *a, **o: (asked.append((a, o["content"])), real(*a, **o))[1],
    )
    headers = {"Cookie": "CNRY-a=b", "Content-Type": "application/json"}

    broker.sign(
        "old-desk",
        method="POST",
        url=f"{site.peer.url}/api/notes",
        headers=headers,
        body=b'{"CNRY": 1}',
    )

    assert 1 == len(asked)
    assert "CNRY" not in str(asked)


@in_kernel
def test_a_revoked_connection_signs_nothing(broker, site):
    """From the next request on; nothing is sent."""
    with connected_client(broker, "old-desk") as client:
        assert 200 == client.get("/me").status_code
        broker.revoke("old-desk")
        seen = len(site.peer.seen)
        with pytest.raises(ConnectionRevoked):
            client.get("/me")
        assert seen == len(site.peer.seen)
        broker.enable("old-desk")
        assert 200 == client.get("/me").status_code


@in_kernel
@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://evil.example/me", HostNotAllowed),
        ("BASE/oauth/access_token", InvalidInput),
    ],
)
def test_F1_no_signature_for_another_place(broker, site, url, error):
    """The server itself looks, whatever a kernel says."""
    with pytest.raises(error, match="Nothing was sent"):
        broker.sign(
            "old-desk",
            method="GET",
            url=url.replace("BASE", site.peer.url),
            headers={},
            body=b"",
        )
