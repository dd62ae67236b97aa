"""The practice service as an object: its life, its hooks, its catalogue file."""

import asyncio
import logging
import socket
import threading
import tomllib

import httpx
import pytest

from conn_core.catalog import Catalog
from conn_serverext.practice import PracticeService, Visitor, service_toml


def test_it_listens_on_this_machine_only(practice):
    """Not on the machine's other addresses."""
    listening = socket.create_connection(("127.0.0.1", practice.port), timeout=5)
    listening.close()
    with pytest.raises(OSError, match=r"refused|unreachable"):
        socket.create_connection(("127.0.0.2", practice.port), timeout=5)


def test_it_stops_and_leaves_nothing():
    """No thread, no port; stopping twice is fine."""
    before = set(threading.enumerate())  # some of them may end meanwhile
    with PracticeService() as practice:
        assert 1 == len(set(threading.enumerate()) - before)
    practice.stop()

    assert set() == set(threading.enumerate()) - before
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", practice.port))


def test_it_stops_while_somebody_is_connected(practice, http):
    """An open connection does not hold it up."""
    http.get(practice.issuer + "/")

    practice.stop()

    with pytest.raises(httpx.TransportError):
        http.get(practice.issuer + "/")


def test_started_again_it_remembers(practice, app):
    """At the same address, with the same tokens: as a provider after a restart."""
    tokens = app.tokens()
    issuer = practice.issuer
    practice.stop()

    practice.start()

    assert issuer == practice.issuer
    app.http.close()
    with httpx.Client(trust_env=False) as http:
        app.http = http
        assert 200 == app.api("/me", tokens.access_token).status_code


def test_a_port_that_is_taken_is_the_callers_problem(practice):
    """The error comes from ``start``, not from a thread nobody watches."""
    with pytest.raises(OSError, match="in use"):
        PracticeService(port=practice.port).start()


def test_it_runs_beside_another_event_loop(practice, app):
    """A test that is asynchronous itself can use it."""

    async def main():
        practice.expire_all_access_tokens()
        return await asyncio.to_thread(app.tokens)

    assert 200 == app.api("/me", asyncio.run(main()).access_token).status_code


def test_two_services_know_nothing_of_each_other(practice, start_practice, app):
    """A token of one is nothing to the other."""
    other = start_practice()

    answer = app.http.get(
        f"{other.api_base_url}/me",
        headers={"Authorization": f"Bearer {app.tokens().access_token}"},
    )

    assert 401 == answer.status_code
    assert 0 == other.counters.log_ins


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:80"]
)
def test_another_name_for_this_machine_is_refused(app, host):
    """A page elsewhere whose name points here reads nothing (DNS rebinding)."""
    for path in ("/", "/api/me", "/oauth/token", "/style.css", "/nothing"):
        answer = app.http.get(app.service.issuer + path, headers={"Host": host})
        assert (405 if path == "/oauth/token" else 421) == answer.status_code


def test_tokens_can_be_made_to_expire_early(practice, app):
    """The API says 401, a refresh works."""
    tokens = app.tokens()

    practice.expire_all_access_tokens()

    assert 401 == app.api("/me", tokens.access_token).status_code
    again = app.refresh(tokens.refresh_token).json()
    assert 200 == app.api("/me", again["access_token"]).status_code


def test_all_grants_can_be_ended(practice, app):
    """Codes on their way, refresh tokens and access tokens."""
    tokens, code = app.tokens(), app.consent()["code"]

    practice.end_all_grants()

    assert 401 == app.api("/me", tokens.access_token).status_code
    assert 400 == app.refresh(tokens.refresh_token).status_code
    assert 400 == app.exchange(code).status_code


def test_an_outage_answers_503_and_ends(practice, app):
    """A part or all of it; nothing is spent meanwhile."""
    tokens = app.tokens()

    with practice.outage("/oauth/token"):
        answer = app.refresh(tokens.refresh_token)
        assert (503, "1") == (answer.status_code, answer.headers["Retry-After"])
        assert 200 == app.api("/me", tokens.access_token).status_code
    with practice.outage():
        assert 503 == app.api("/me", tokens.access_token).status_code
        assert 503 == app.open().status_code

    assert 200 == app.refresh(tokens.refresh_token).status_code


def test_counters_are_a_copy(practice, app):
    """What a test has read does not change under it."""
    before = practice.counters

    app.tokens()

    assert (0, 1) == (before.codes_exchanged, practice.counters.codes_exchanged)


def test_a_token_lives_for_a_second_at_least():
    """Zero would make a service that never works."""
    with pytest.raises(ValueError, match="at least one second"):
        PracticeService(access_token_seconds=0)


def test_it_is_a_predefined_service(practice, tmp_path):
    """The catalogue accepts the file, and it names this service's addresses."""
    file = tmp_path / "practice.toml"
    file.write_text(practice.service_toml(), encoding="utf-8")

    service = Catalog([file]).get("practice")

    assert service is not None
    assert ("practice", "Practice Expenses") == (practice.service_id, service.name)
    assert practice.issuer == service.issuer
    assert service.iss_parameter_supported
    assert (f"127.0.0.1:{practice.port}",) == service.api_hosts
    assert practice.api_base_url == service.api_base_url
    assert ("/me", "name") == (service.test_path, service.account_field)
    writing = [scope.name for scope in service.scopes if not scope.read_only]
    assert ["reports.write"] == writing
    assert {s.name for s in service.scopes} - set(writing) == set(
        service.default_scopes
    )


def test_the_catalogue_file_agrees_with_the_metadata(practice, http):
    """What is written for us is what a client would discover."""
    (service,) = tomllib.loads(practice.service_toml())["service"]
    found = http.get(f"{practice.issuer}/.well-known/oauth-authorization-server").json()

    for name in (
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
    ):
        assert found[name] == service[name]
    assert found["scopes_supported"] == [scope["name"] for scope in service["scopes"]]


def test_a_catalogue_file_can_be_changed():
    """Members are replaced; odd texts stay texts."""
    text = service_toml("http://127.0.0.1:1", id="other", name='Ü "quoted" \\ name\n')

    (service,) = tomllib.loads(text)["service"]

    assert ("other", 'Ü "quoted" \\ name\n') == (service["id"], service["name"])


def test_no_log_and_no_repr_shows_a_secret(start_practice, app_of, canary, caplog):
    """Paths are logged without their query, at every level."""
    caplog.set_level(logging.DEBUG)
    secret = canary("client-secret")
    practice = start_practice(client_secret=secret)
    app = app_of(practice)
    tokens = app.tokens()
    app.refresh(tokens.refresh_token)
    app.api("/me", "pa_unknown-token")
    app.exchange("pc_unknown-code")
    canary.watch_all(practice.issued(), "token")

    logged = "\n".join(
        f"{record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if record.name.startswith(("tornado", "asyncio", "conn_serverext"))
    )

    assert "/oauth/token" in logged
    assert "state-7f" not in logged
    shown = repr((practice, practice._world, practice._world.grants))
    canary.sweep(texts={"log": logged, "repr": shown})


def test_a_visitor_goes_the_whole_way_and_back(practice, app, start_practice):
    """With ``come_back`` the last page is where the service sent us."""
    elsewhere = start_practice()
    back = f"{elsewhere.issuer}/connections/callback/practice"
    app.redirect_uri = back

    page = Visitor().authorize(app.authorize_url())

    assert page.url.startswith(f"{back}?code=")
    assert 404 == page.status
    assert "There is nothing at this address" in page.text


def test_a_visitor_stops_where_nothing_is_asked(app):
    """A refused request leads to no question; the page is returned as it is."""
    page = Visitor().authorize(app.authorize_url(client_id="x"))

    assert 400 == page.status


def test_a_visitor_opens_web_pages_only(tmp_path):
    """No file of this machine."""
    with pytest.raises(ValueError, match="web pages only"):
        Visitor().open(tmp_path.as_uri())
