"""Authorizations up to the provider's page: who may begin, look, cancel and hop."""

import dataclasses
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    ConnectionNotFound,
    InteractionRequired,
    InvalidInput,
)


def query_of(started):
    """Return the parameters of the provider's address."""
    return parse_qs(urlsplit(started.authorization_url).query)


def test_A16_only_the_local_start_link_is_shown(world):
    """The provider's address exists from the click on, and state does not before."""
    begun = world.created().authorize("expenses")
    assert "pending" == begun.state
    assert f"http://127.0.0.1:8888/connections/start/{begun.flow}" == begun.start_url
    assert "expenses.example" not in repr(begun)
    assert [(None, None, None)] == world.sql(
        "SELECT state_hash, binding_hash, sealed FROM flows"
    )
    assert [] == world.provider.token_requests


def test_K25_an_attempt_says_what_it_is_for(world):
    """Its end and its connection; its id cannot be guessed."""
    begun = world.created().authorize("expenses")
    assert ("expenses", "expenses", "Expense Desk") == (
        begun.link_name,
        begun.service,
        begun.service_name,
    )
    assert world.clock() + 600 == begun.expires_at.timestamp()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", begun.flow)


def test_a_mistake_in_the_catalogue_is_not_called_a_wrong_parameter(
    world, settings, tmp_path
):
    """The operator edited the service since; the error names the file."""
    world.created()
    mistaken = tmp_path / "mistaken.toml"
    mistaken.write_text('[[service]]\nid = "expenses"\nname = "Expense Desk"\n')
    edited = dataclasses.replace(settings, catalog_paths=(mistaken,))
    with pytest.raises(InvalidInput, match=r"mistaken\.toml is not usable"):
        world.open(settings=edited).acting_as("sam").authorize("expenses")


def test_without_a_server_no_browser_can_come_back(world, settings):
    """And the error says where it works."""
    world.created()
    alone = world.open(settings=dataclasses.replace(settings, public_url=None))
    with pytest.raises(InteractionRequired) as caught:
        alone.acting_as("sam").authorize("expenses")
    assert (
        "Authorizing 'expenses' needs a browser, and no Jupyter server with this "
        "extension is reachable from here. Open a notebook in JupyterLab and run "
        "%conn authorize expenses, or paste the address yourself: "
        "%conn authorize expenses --flow paste" == str(caught.value)
    )
    flow = world.broker().authorize("expenses").flow
    assert alone.acting_as("sam").authorization(flow).start_url is None


def test_the_start_sends_the_browser_to_the_provider(world):
    """With our redirect URL, the connection's scopes, and S256."""
    world.created(scopes=("reports.read", "reports.write"))
    _, started = world.begun()
    sent = query_of(started)
    assert started.authorization_url.startswith(
        "https://login.expenses.example/authorize?"
    )
    assert ["http://127.0.0.1:8888/connections/callback/expenses"] == sent[
        "redirect_uri"
    ]
    assert ["reports.read reports.write"] == sent["scope"]
    assert ["S256"] == sent["code_challenge_method"]
    assert world.clock() + 600 == started.expires_at.timestamp()


def test_A11_state_and_binding_are_kept_as_digests(world, canary, settings):
    """And the verifier sealed: the database alone finishes nothing."""
    world.created()
    _, started = world.begun()
    canary.watch(query_of(started)["state"][0], "state")
    canary.watch(started.binding.reveal(), "binding")
    canary.sweep([settings.data_dir], {"started": repr(started.binding)})


def test_A26_each_attempt_has_values_of_its_own(world):
    """256 bits of state, a verifier of 86 characters, and none of them related."""
    world.created()
    seen = set()
    for _ in range(20):
        _, started = world.begun()
        sent = query_of(started)
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", sent["state"][0])
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", started.binding.reveal())
        seen |= {
            sent["state"][0],
            sent["code_challenge"][0],
            started.binding.reveal(),
        }
    assert 60 == len(seen)


def test_A26_the_verifier_is_43_to_128_unreserved_characters(world):
    """As RFC 7636 4.1 wants it, seen at the token endpoint."""
    world.connected()
    verifier = world.provider.token_requests[0]["code_verifier"]
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)


def test_a_second_click_ends_what_the_first_began(world):
    """One attempt, one state."""
    world.created()
    flow, first = world.begun()
    second = world.core.start_authorization(flow, user="sam")
    old = world.provider.consent(first.authorization_url)
    with pytest.raises(AuthorizationFailed, match="belongs to no authorization"):
        world.finished(old, first)
    new = world.provider.consent(second.authorization_url)
    assert "done" == world.finished(new, second).state


def test_H2_somebody_elses_attempt_does_not_exist(world):
    """Not to see, to start, to carry over or to cancel."""
    world.created()
    flow, _ = world.begun()
    mallory = world.broker("mallory")
    for act in (
        lambda: mallory.authorization(flow),
        lambda: mallory.cancel(flow),
        lambda: world.core.start_authorization(flow, user="mallory"),
        lambda: world.core.issue_hop(flow, user="mallory"),
    ):
        with pytest.raises(AuthorizationNotFound, match="no such authorization"):
            act()
    assert "pending" == world.broker().authorization(flow).state


def test_an_unknown_attempt_does_not_exist(world):
    """Nor does a made-up ticket lead anywhere."""
    with pytest.raises(AuthorizationNotFound):
        world.broker().authorization("x")
    with pytest.raises(AuthorizationNotFound):
        world.core.redeem_hop("x", "ticket")


def test_cancelling_ends_it(world):
    """It cannot be started or finished any more, and says who cancelled it."""
    broker = world.created()
    flow, started = world.begun()
    broker.cancel(flow)
    looked = broker.authorization(flow)
    assert ("denied", "You cancelled it.", None) == (
        looked.state,
        looked.error,
        looked.start_url,
    )
    with pytest.raises(AuthorizationFailed) as caught:
        world.core.start_authorization(flow, user="sam")
    assert (
        "This authorization is over. Start again with %conn authorize expenses"
        == str(caught.value)
    )
    with pytest.raises(AuthorizationFailed, match="used already"):
        world.finished(world.provider.consent(started.authorization_url), started)
    assert [] == world.provider.token_requests


def test_cancelling_what_is_done_changes_nothing(world):
    """The connection stays connected."""
    broker = world.created()
    flow, started = world.begun()
    world.finished(world.provider.consent(started.authorization_url), started)
    broker.cancel(flow)
    assert "done" == broker.authorization(flow).state


def test_D9_F75_nobody_granted_access_in_time(world):
    """After ten minutes it is expired, and cannot be started."""
    broker = world.created()
    flow, _ = world.begun()
    world.clock.advance(601)
    looked = broker.authorization(flow)
    assert ("expired", "Nobody granted access in time.", None) == (
        looked.state,
        looked.error,
        looked.start_url,
    )
    with pytest.raises(AuthorizationFailed, match="is over"):
        world.core.start_authorization(flow, user="sam")


def test_A28_a_person_has_twenty_attempts_at_most(world):
    """The oldest are dropped; other people's are not touched."""
    broker = world.created()
    theirs = world.created(person="priya").authorize("expenses").flow
    flows = []
    for _ in range(25):
        flows.append(broker.authorize("expenses").flow)
        world.clock.advance(1)
    for dropped in flows[:5]:
        with pytest.raises(AuthorizationNotFound):
            broker.authorization(dropped)
    assert {"pending"} == {broker.authorization(flow).state for flow in flows[5:]}
    assert "pending" == world.broker("priya").authorization(theirs).state


def test_attempts_of_long_ago_are_forgotten(world):
    """Ten minutes after their end."""
    broker = world.created()
    old = broker.authorize("expenses").flow
    world.clock.advance(1201)
    broker.authorize("expenses")
    with pytest.raises(AuthorizationNotFound):
        broker.authorization(old)


def test_an_attempt_ends_with_its_connection(world):
    """Deleted while somebody was at the provider's page."""
    broker = world.created()
    flow, _ = world.begun()
    broker.delete("expenses")
    with pytest.raises(AuthorizationNotFound):
        broker.authorization(flow)


def test_a_connection_deleted_at_that_moment_is_not_found(world, monkeypatch):
    """Between looking at it and beginning."""
    from conn_core.broker import _flows

    broker = world.created()

    def delete_meanwhile():
        broker.delete("expenses")
        return "a-flow-id"

    monkeypatch.setattr(
        _flows.randomness, "token_urlsafe", lambda _size: delete_meanwhile()
    )
    with pytest.raises(ConnectionNotFound, match="was deleted"):
        broker.authorize("expenses")


# --- between the two names of this machine -------------------------------------------


def test_A30_a_ticket_carries_the_person_over_once(world, canary, settings):
    """From localhost to 127.0.0.1, where the cookies are others."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    ticket = world.core.issue_hop(flow, user="sam")
    canary.watch(ticket.reveal(), "hop ticket")
    canary.sweep([settings.data_dir], {"ticket": repr(ticket)})
    assert "sam" == world.core.redeem_hop(flow, ticket.reveal())
    with pytest.raises(AuthorizationNotFound):
        world.core.redeem_hop(flow, ticket.reveal())


def test_a_ticket_lasts_a_minute(world):
    """It is for a redirect, not for a coffee."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    ticket = world.core.issue_hop(flow, user="sam")
    world.clock.advance(60)
    with pytest.raises(AuthorizationNotFound):
        world.core.redeem_hop(flow, ticket.reveal())


@pytest.mark.parametrize("wrong", ["", "x", "\ud800"], ids=ascii)
def test_a_wrong_ticket_is_none_and_uses_nothing_up(world, wrong):
    """Nor does one of another attempt."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    with pytest.raises(AuthorizationNotFound):
        world.core.redeem_hop(flow, wrong)
    ticket = world.core.issue_hop(flow, user="sam")
    with pytest.raises(AuthorizationNotFound):
        world.core.redeem_hop(flow, wrong)
    assert "sam" == world.core.redeem_hop(flow, ticket.reveal())


def test_who_came_over_by_ticket_may_finish_without_a_log_in(world):
    """The binding cookie is there; the Jupyter cookie is the other name's."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    started = world.core.start_authorization(flow, user="sam", hop=True)
    answer = world.provider.consent(started.authorization_url)
    assert "done" == world.finished(answer, started, user=None).state


def test_a_service_that_was_changed_meanwhile_is_not_started(world):
    """T-31: whoever edits an attempt's endpoints in the database gains nothing."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    world.sql(
        "UPDATE flows SET definition = replace(definition, ?, ?)",
        "https://login.expenses.example/token",
        "https://evil.example/token",
    )
    with pytest.raises(AuthorizationFailed, match="Expense Desk was changed"):
        world.core.start_authorization(flow, user="sam")


def test_a_key_that_is_wanted_beside_the_consent_arrives(world):
    """It is sealed with the attempt, and used again at a second click."""
    broker = world.created("Keyed", service="keyed-desk")
    typed = {"developer_key": "CNRY-developer-key"}
    flow = broker.authorize("keyed", secret=typed).flow
    world.core.start_authorization(flow, user="sam")
    started = world.core.start_authorization(flow, user="sam")
    answer = world.provider.consent(started.authorization_url)
    assert "done" == world.finished(answer, started, service="keyed-desk").state
    vended = broker.access_token("keyed")
    assert "CNRY-developer-key" in vended.secrets_to_json()["further_secrets"]
