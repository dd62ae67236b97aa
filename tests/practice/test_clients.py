"""Applications of the practice service: they act for themselves, and register themselves."""

import httpx
import pytest

URI = "http://127.0.0.1:8888/connections/callback/acme"


@pytest.fixture
def register(practice):
    """Register an application."""

    def ask(**members):
        return httpx.post(f"{practice.issuer}/oauth/register", json=members)

    return ask


def test_an_application_gets_a_token_for_itself(app, practice):
    """Nobody consents, nothing can be renewed, and the API knows who it is."""
    tokens = app.ask(grant_type="client_credentials").json()
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "reports.read customers.read rates.read"
    me = httpx.get(
        f"{practice.issuer}/api/me",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    ).json()
    assert me["name"] == "Reporting Robot"


def test_an_application_gets_what_it_asks_for_and_no_more(app):
    """A scope that there is not is refused."""
    some = app.ask(grant_type="client_credentials", scope="rates.read").json()
    assert some["scope"] == "rates.read"
    answer = app.ask(grant_type="client_credentials", scope="everything")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_nobody_logs_in_as_the_application(practice):
    """It has no password, not even an empty one."""
    from conn_serverext.practice._people import log_in

    assert log_in("robot", "") is None


def test_an_application_registers_itself(app, practice, register):
    """What it is answered proves who it is; the first one goes on working."""
    made = register(client_name="Team desk", redirect_uris=[URI])
    assert made.status_code == 201
    shown = made.json()
    assert shown["client_secret_expires_at"] == 0
    mine = (shown["client_id"], shown["client_secret"])
    token = httpx.post(
        f"{practice.issuer}/oauth/token",
        auth=mine,
        data={"grant_type": "client_credentials"},
    )
    assert token.status_code == 200
    assert app.ask(grant_type="client_credentials").status_code == 200
    page = app.http.get(app.authorize_url(client_id=mine[0], redirect_uri=URI))
    assert page.status_code == 303


def test_the_secret_of_another_application_proves_nothing(app, practice, register):
    """Id and secret belong together."""
    other = register().json()
    mixed = (other["client_id"], practice.client_secret)
    answer = httpx.post(
        f"{practice.issuer}/oauth/token",
        auth=mixed,
        data={"grant_type": "client_credentials"},
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"redirect_uris": ["https://evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "http://127.0.0.1/"}, "invalid_redirect_uri"),
        ({"redirect_uris": [7]}, "invalid_redirect_uri"),
        ({"redirect_uris": [URI] * 11}, "invalid_redirect_uri"),
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
    ],
)
def test_a_registration_that_makes_no_sense(register, members, error):
    """It is refused in the protocol's words."""
    answer = register(**members)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_a_registration_that_is_no_json(practice, body):
    """So is this."""
    answer = httpx.post(f"{practice.issuer}/oauth/register", content=body)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "invalid_client_metadata",
    )


def test_registrations_fill_no_memory(register, practice):
    """The oldest is forgotten, never the first application."""
    oldest = register().json()
    for _ in range(100):
        register()
    ask = {"data": {"grant_type": "client_credentials"}}
    url = f"{practice.issuer}/oauth/token"
    gone = httpx.post(url, auth=(oldest["client_id"], oldest["client_secret"]), **ask)
    there = httpx.post(url, auth=(practice.client_id, practice.client_secret), **ask)
    assert (gone.status_code, there.status_code) == (401, 200)
