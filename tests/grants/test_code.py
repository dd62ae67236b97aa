"""Consent in a browser, at a certified server: code, PKCE, issuer, pushed requests."""

import pytest

from conn_core import auth
from conn_core.errors import AuthorizationFailed
from conn_core.http import connected_client

pytestmark = pytest.mark.peer


def test_a_code_with_its_verifier_becomes_a_connection(bar, desk, parts_of):
    """Consent, code, token, account, and a call with it."""
    server = bar()
    broker = desk.created("certified")
    started = desk.begun()
    asked = parts_of(started.authorization_url)
    assert ("S256", 43) == (
        asked["code_challenge_method"],
        len(asked["code_challenge"]),
    )

    back = server.consent(started.authorization_url)
    done = desk.brought("certified", started, parts_of(back))

    assert ("done", "ada") == (done.state, done.account)
    assert set(done.granted_scopes) == {"openid", "offline_access", "items.read"}
    with connected_client(broker, "coffee") as client:
        assert 3 == len(client.get("/items").raise_for_status().json()["items"])
    assert (1, 0) == (server.counters()["code"], server.counters()["refused"])


def test_the_server_would_not_take_the_code_without_our_verifier(
    bar, desk, parts_of, ask
):
    """So the exchange above was possible for us alone."""
    server = bar()
    desk.created("certified")
    started = desk.begun()
    stolen = parts_of(server.consent(started.authorization_url))["code"]

    said = ask(
        server,
        "/token",
        grant_type="authorization_code",
        code=stolen,
        redirect_uri="http://127.0.0.1:8888/connections/callback/certified",
    )

    assert (400, "invalid_grant") == (said[0], said[1]["error"])


def test_no_at_the_provider_is_said_as_such(bar, desk, parts_of):
    """Whoever says no has not met an error."""
    server = bar()
    broker = desk.created("certified")
    started = desk.begun()

    back = server.consent(started.authorization_url, answer="cancel")
    done = desk.brought("certified", started, parts_of(back))

    assert ("denied", "Access was not granted at Certified Coffee.") == (
        done.state,
        done.error,
    )
    assert "needs authorization" == broker.connection("coffee").status


@pytest.mark.parametrize("issuer", [None, "https://evil.example", "with a slash"])
def test_an_answer_of_another_issuer_is_not_spent(bar, desk, parts_of, issuer):
    """RFC 9207: a wrong or missing name ends the attempt before the code is sent."""
    server = bar()
    broker = desk.created("certified")
    started = desk.begun()
    answer = parts_of(server.consent(started.authorization_url))
    assert server.issuer == answer.pop("iss")
    if issuer is not None:
        answer["iss"] = issuer.replace("with a slash", f"{server.issuer}/")

    with pytest.raises(AuthorizationFailed, match=r"comes? from Certified Coffee"):
        desk.brought("certified", started, answer)

    assert (0, 0) == (server.counters()["code"], server.counters()["refused"])
    assert "needs authorization" == broker.connection("coffee").status
    with pytest.raises(AuthorizationFailed, match="used already"):
        desk.brought("certified", started, answer | {"iss": server.issuer})


def test_a_request_is_pushed_where_the_service_says_where(bar, desk, parts_of):
    """RFC 9126: the browser's address names the client and a reference, no more."""
    server = bar(server={"pushedOnly": True})
    desk.opened(
        server.service_toml(
            pushed_authorization_request_endpoint=f"{server.issuer}/request"
        )
    )
    desk.created("certified")
    started = desk.begun()

    assert {"client_id", "request_uri"} == parts_of(started.authorization_url).keys()
    back = server.consent(started.authorization_url)
    done = desk.brought("certified", started, parts_of(back))

    assert ("done", "ada") == (done.state, done.account)
    assert (1, 1) == (server.counters()["pushed"], server.counters()["code"])


def test_a_server_that_wants_it_pushed_takes_nothing_else(bar, desk, parts_of):
    """The server of the test above is as strict as it says."""
    server = bar(server={"pushedOnly": True})
    desk.created("certified")
    started = desk.begun()

    answer = parts_of(server.visit(started.authorization_url))
    done = desk.brought("certified", started, answer)

    assert ("failed", "invalid_request") == (done.state, answer["error"])
    assert "Certified Coffee refused (invalid_request" in done.error


def test_a_refused_push_is_said_in_words(bar, desk, canary):
    """A wrong secret shows when the local link is opened, and not at the provider."""
    server = bar()
    desk.opened(
        server.service_toml(
            pushed_authorization_request_endpoint=f"{server.issuer}/request"
        )
    )
    wrong = canary("wrong-secret")
    desk.registered("certified", client_id="coffee-client", client_secret=wrong)
    desk.created("certified")

    with pytest.raises(Exception, match=r"Certified Coffee refused .*invalid_client"):
        desk.begun()


def test_the_address_is_pasted_where_no_browser_can_come_back(bar, desk):
    """The same code, by hand; a wrong address spends nothing."""
    server = bar()
    desk.opened(server.service_toml(), public_url=None)
    broker = desk.created("certified")
    begun = broker.authorize("coffee", flow="paste")
    assert ("pending", "paste") == (begun.state, begun.way)
    back = server.consent(begun.start_url)

    with pytest.raises(Exception, match="belongs to another authorization"):
        broker.paste(begun.flow, back.replace("state=", "state=x"))
    assert 0 == server.counters()["code"]
    done = broker.paste(begun.flow, back)

    assert ("done", "ada") == (done.state, done.account)
    with connected_client(broker, "coffee") as client:
        assert "ada" == client.get("/me").raise_for_status().json()["name"]


def test_a_service_is_filled_by_what_the_server_says_of_itself(bar, desk):
    """RFC 8414 and OpenID Discovery: an issuer is all that has to be known."""
    server = bar()
    found = desk.core.drive(auth.discover(server.issuer))
    assert () == found.foreign_hosts
    assert found.pkce
    assert found.iss_parameter_supported
    desk.opened(
        server.service_toml(
            **found.endpoints,
            issuer=found.issuer,
            token_endpoint_auth_method=found.token_endpoint_auth_method,
            iss_parameter_supported=found.iss_parameter_supported,
        )
    )
    desk.created("certified")

    assert "ada" == desk.authorized("certified", server).account
    assert 1 == server.counters()["pushed"], "it offers that, so it is used"


def test_a_client_registers_itself_and_obtains_consent(bar, desk):
    """RFC 7591: what the server made of us is kept, and works."""
    server = bar(server={"registration": True}, registered=False)
    desk.opened(server.service_toml(registration_endpoint=f"{server.issuer}/reg"))
    service = desk.broker.service("certified")
    assert not service.registered
    steps = auth.register_client(
        service, name="Jupyter", redirect_uris=[service.redirect_uri]
    )
    made = desk.core.drive(steps)
    assert "coffee-client" != made.client.client_id
    desk.registered(
        "certified",
        client_id=made.client.client_id,
        client_secret=made.client.client_secret.reveal(),
    )
    broker = desk.created("certified")

    assert "ada" == desk.authorized("certified", server).account
    assert "connected" == broker.refresh("coffee").status
    assert (1, 1) == (server.counters()["registration"], server.counters()["refresh"])
