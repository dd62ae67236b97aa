"""OAuth 1.0a from consent to call: the broker signs, a server of authlib's verifies."""

import asyncio
import dataclasses

import httpx
import pytest
from oauth1_site import CLIENT_ID, OAuth1Site
from reachable import texts_held_by

from conn_core import ClientRegistration, ConnectionDraft
from conn_core.broker import open_core
from conn_core.errors import (
    ConnectionRevoked,
    HostNotAllowed,
    InvalidInput,
    RegistrationRequired,
)
from conn_core.http import connected_async_client, connected_client

REDIRECT = "http://127.0.0.1:8888/connections/callback/old-desk"


@pytest.fixture
def client_secret(canary):
    """With every awkward character."""
    return canary("client-secret:%+ &=")


@pytest.fixture
def site(client_secret, canary):
    """The provider."""
    site = OAuth1Site(client_secret=client_secret, redirect_uri=REDIRECT, canary=canary)
    yield site
    site.peer.close()


@pytest.fixture
def core(settings, site, tmp_path):
    """A deployment that knows the provider, with the real way out and clock."""
    catalog = tmp_path / "old.toml"
    catalog.write_text(site.service_toml())
    core = open_core(
        dataclasses.replace(settings, catalog_paths=(catalog,), allow_loopback=True)
    )
    yield core
    core.close()


@pytest.fixture
def broker(core, site, client_secret):
    """A broker with a connection called old-desk, authorized by every step."""
    broker = core.acting_as("sam")
    registration = ClientRegistration(client_id=CLIENT_ID, client_secret=client_secret)
    broker.register_client("old-desk", registration)
    broker.create(ConnectionDraft(service="old-desk"))
    started = core.start_authorization(broker.authorize("old-desk").flow, user="sam")
    done = core.finish_authorization(
        "old-desk",
        site.consent(started.authorization_url),
        binding=started.binding.reveal(),
        user="sam",
    )
    assert "done" == done.state, done.error
    return broker


def sign(broker, url, *, name="old-desk", method="GET", headers=None, body=b""):
    return broker.sign(name, method=method, url=url, headers=headers or {}, body=body)


def test_the_account_is_found_by_a_signed_call(broker, site):
    """And the harmless call works, both without any client."""
    assert "ada" == broker.connection("old-desk").account
    assert broker.test("old-desk").ok
    assert [("GET", "/api/me", [])] * 2 == site.calls


@pytest.fixture(params=["sync", "async"])
def ask(request, broker):
    """Sends one request with a client of either kind."""

    def sync(method, url, *, parts=None, **options):
        if parts is not None:
            options["content"] = iter(parts)
        with connected_client(broker, "old-desk", timeout=60) as client:
            return client.request(method, url, **options)

    def with_async(method, url, *, parts=None, **options):
        async def stream():
            for part in parts:
                yield part

        async def run():
            if parts is not None:
                options["content"] = stream()
            async with connected_async_client(broker, "old-desk", timeout=60) as client:
                return await client.request(method, url, **options)

        return asyncio.run(run())

    return sync if request.param == "sync" else with_async


def test_a_signed_get_arrives(ask, site):
    """With the query that was asked for; a signature of one's own is not sent."""
    site.calls.clear()
    answer = ask(
        "GET",
        "/items?f[a]='b'|c&empty=&d=%20e#here",
        headers={"Authorization": "users"},
    )
    assert (200, []) == (answer.status_code, site.refused)
    assert "/api/items?f" in site.calls[0][1]
    assert "users" not in site.peer.seen[-1].everything


def test_a_signed_form_arrives(ask, site):
    """Its fields are part of the signature."""
    site.calls.clear()
    fields = {"text": "a b&c", "empty": "", "ä": "ö"}
    answer = ask("POST", "/notes?x=1", data=fields)
    assert (200, []) == (answer.status_code, site.refused)
    assert [("POST", "/api/notes?x=1", [*fields.items()])] == site.calls


def test_other_bodies_arrive_unsigned(ask, site):
    """Only forms are part of a signature (RFC 5849 3.4.1.3.1)."""
    assert 200 == ask("POST", "/notes", json={"a": 1}).status_code
    assert 200 == ask("PUT", "/file", parts=[b"x" * 9]).status_code
    assert b"x" * 9 == site.peer.seen[-1].body


def test_a_no_at_the_provider_is_a_no(broker, core, site):
    """As many providers of the old kind say it; no token is asked for."""
    broker.create(ConnectionDraft(service="old-desk", name="Second"))
    flow = broker.authorize("second").flow
    started = core.start_authorization(flow, user="sam")
    seen = len(site.peer.seen)
    done = core.finish_authorization(
        "old-desk",
        {"denied": started.state},
        binding=started.binding.reveal(),
        user="sam",
    )
    assert ("denied", seen) == (done.state, len(site.peer.seen))


def test_a_callback_has_the_names_of_its_type(core):
    """And the usual ones where nobody knows the service."""
    names = core.callback_names("old-desk")
    assert ("oauth_token", "denied") == names.states
    assert ("oauth_verifier", "denied") == names.outcomes
    assert ("state",) == core.callback_names("nobody").states


def test_the_verifier_of_these_tests_is_no_blind_one(broker, site):
    """A signature for one request is refused with another, and twice."""
    url = f"{site.peer.url}/api/me"
    other, signed = sign(broker, url), sign(broker, url)
    asked = [("?more=1", other), ("", signed), ("", signed)]
    answers = [httpx.get(url + query, headers=h).status_code for query, h in asked]
    assert [401, 200, 401] == answers
    assert ["invalid_signature", "invalid_nonce"] == site.refused


def test_J3_nothing_that_signs_is_lent(broker, site, canary):
    """Not with the token, not with a signature, not in what was sent or came back."""
    token = broker.access_token("old-desk")
    told = {"access_token": ""}
    assert ("oauth1", told) == (token.signed_by, token.secrets_to_json())
    with connected_client(broker, "old-desk") as client:
        answer = client.post("/notes", data={"a": "b"})
    assert "authorization" not in answer.request.headers
    oauth = site.peer.seen[-1].headers["authorization"]
    assert oauth.startswith("OAuth ")
    # The token's name is no secret of OAuth 1.0a; what signs is.
    artefacts = {
        "token": texts_held_by(token),
        "answer": texts_held_by(answer),
        "wire": oauth,
        "signature": str(sign(broker, f"{site.peer.url}/api/me")),
    }
    assert 4 == canary.sweep(texts=artefacts)


def test_J3_a_revoked_connection_signs_nothing(broker, site):
    """From the next request on, also in a client that is open."""
    with connected_client(broker, "old-desk") as client:
        assert 200 == client.get("/me").status_code
        seen = len(site.peer.seen)
        broker.revoke("old-desk")
        with pytest.raises(ConnectionRevoked):
            sign(broker, f"{site.peer.url}/api/me")
        with pytest.raises(ConnectionRevoked):
            client.get("/me")
        assert seen == len(site.peer.seen)
        broker.enable("old-desk")
        assert 200 == client.get("/me").status_code


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/me",
        "https://127.0.0.1/api/me",
        "http://BASE@evil.example/",
        "http://user:pw@BASE/api/me",
        "http://evil.example\\@BASE/api/me",
        "http://BASE/api/me#fragment",
        "http://BASE/a b",
        "http://BASE/\tme",
        "http://BASE/ä",
        "http://[::1/",
        "ftp://BASE/me",
        "/api/me",
        "",
    ],
)
def test_F1_no_signature_for_another_place(broker, site, core, url, monkeypatch):
    """The rule of the guard, before any secret is opened."""
    opened = []
    monkeypatch.setattr(
        type(core.vault), "open", lambda *_, **__: opened.append("opened")
    )
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        sign(broker, url.replace("BASE", site.peer.host))
    assert [] == opened


@pytest.mark.parametrize(
    "path",
    ["/oauth/access_token", "/OAuth/x/../access_token?a=b", "//oauth/request%5Ftoken/"],
)
def test_J3_no_signature_where_tokens_are_issued(broker, site, path):
    """The answer would hold a token's secret, and go to whoever asked."""
    with pytest.raises(InvalidInput, match="issues tokens"):
        sign(broker, f"{site.peer.url}{path}", method="POST")


def test_a_request_that_cannot_be_signed_is_not_sent(ask, site):
    """A form that is a stream, and a parameter of OAuth's own."""
    seen = len(site.peer.seen)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with pytest.raises(InvalidInput, match="must be given whole"):
        ask("POST", "/notes", parts=[b"a=b"], headers=form)
    with pytest.raises(InvalidInput, match="parameters of OAuth"):
        ask("GET", "/me", params={"oauth_callback": "x"})
    assert seen == len(site.peer.seen)


def test_a_401_is_not_sent_twice(ask, site):
    """Nothing renews such a token, so a second try would be the first again."""
    site.end_all_grants()
    seen = len(site.peer.seen)
    assert 401 == ask("GET", "/me").status_code
    assert 1 == len(site.peer.seen) - seen


def test_a_signature_is_a_use(broker, site, core):
    """It is noted like one."""
    broker.revoke("old-desk")
    broker.enable("old-desk")
    before = broker.connection("old-desk").last_used_at
    sign(broker, f"{site.peer.url}/api/me")
    assert before is None
    assert broker.connection("old-desk").last_used_at is not None


def test_a_connection_that_carries_its_credential_signs_nothing(world):
    """The error says what to ask for instead."""
    broker = world.connected()
    with pytest.raises(InvalidInput, match="does not sign its requests"):
        sign(broker, "https://api.expenses.example/v1/me", name="expenses")


def test_without_a_registration_there_is_no_signature(broker, site, core):
    """Somebody took it away."""
    import sqlalchemy as sa

    with core.store.write() as tx:
        tx.execute(sa.text("DELETE FROM registrations"))
    with pytest.raises(RegistrationRequired):
        sign(broker, f"{site.peer.url}/api/me")
