"""Providers that are away, slow, limited or wrong, over real HTTP."""

import socket
import threading

import pytest
from rotating_provider import Answer

from conn_core import ClientRegistration, ConnectionDraft
from conn_core.broker._upkeep import Pace
from conn_core.errors import (
    AuthorizationEnded,
    ConnectionNotFound,
    ProviderError,
    ProviderUnavailable,
)
from conn_core.http import connected_client

REFUSED = Answer(401, b'{"error": "invalid_client"}')


@pytest.fixture
def site(make_site):
    made = make_site("strict")
    made.later()
    return made


@pytest.fixture
def core(site):
    return site.core()


@pytest.fixture
def sam(core):
    return core.acting_as("sam")


def row_of(core):
    from invariants import credential_of

    return credential_of(core)


# --- away ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b""),
        Answer(502, b"<html>Bad gateway</html>"),
        Answer(504, b"{}"),
        Answer(400, b'{"error": "temporarily_unavailable"}'),
        Answer(400, b'{"error": "server_error"}'),
        Answer(200, b"<html>Maintenance</html>"),
        Answer(200, b"{}"),
        None,
    ],
    ids=lambda answer: (
        "eof" if answer is None else f"{answer.status}-{len(answer.body)}"
    ),
)
def test_F35_F40_what_passes_by_itself_is_waited_for(site, answer):
    """Typed, kept, and mended without anybody."""
    site.provider.script.append(answer)
    said = site.use()
    assert "ProviderUnavailable" == said["error"], said
    site.later(10)
    assert 2 == site.use()["generation"]


def test_F35_a_server_that_is_off_costs_no_doubt(site, core, sam):
    """Nothing was sent: the attempt is taken back, so nothing is called interrupted."""
    provider = site.provider
    provider._server.socket.close()
    provider._server.socket = socket.socket()
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        sam.access_token("expenses")
    row = row_of(core)
    assert (None, None, 1) == (row.attempt, row.lease_owner, row.failures)


def test_F35_an_answer_that_broke_off_leaves_an_open_attempt(site, core, sam):
    """It may have been done: a later ``invalid_grant`` is explained by it."""
    site.provider.script.append(None)
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    row = row_of(core)
    assert (2, None) == (row.attempt, row.lease_owner)
    site.later(10)
    sam = site.core_like(core)
    for token in site.provider.refresh_tokens():
        token.grant.alive = False
    with pytest.raises(AuthorizationEnded, match="earlier refresh was interrupted"):
        sam.access_token("expenses")


def test_F36_everybody_is_told_how_long_to_wait(site, sam):
    """The first by the provider, the others by us; none of them asks again."""
    site.provider.script.append(Answer(429, b"{}", {"Retry-After": "120"}))
    with pytest.raises(ProviderUnavailable) as first:
        sam.access_token("expenses")
    with pytest.raises(ProviderUnavailable) as other:
        sam.access_token("expenses")
    assert 120 == first.value.retry_after
    assert 60 < other.value.retry_after <= 120
    assert 1 == site.provider.refreshes


def test_F45_an_absurd_date_changes_nothing(site, core, sam):
    """Lifetimes count from our own question."""
    body = b'{"access_token": "CNRY-token-1", "expires_in": 60}'
    site.provider.script.append(
        Answer(200, body, {"Date": "Thu, 01 Jan 1970 00:00:00"})
    )
    before = core.clock()
    assert 2 == sam.access_token("expenses").generation
    assert 60 <= row_of(core).expires_at - before < 120


# --- the client is refused -----------------------------------------------------------


def test_F39_a_refused_client_pauses_the_whole_service_and_keeps_everything(
    site, core, sam
):
    """Every connection says the same, nobody asks again, and a new secret mends it."""
    sam.create(ConnectionDraft(service="expenses", name="Second"))
    flow = sam.authorize("second").flow
    started = core.start_authorization(flow, user="sam")
    answer = site.provider.consent(started.authorization_url)
    core.finish_authorization(
        "expenses", answer, binding=started.binding.reveal(), user="sam"
    )
    site.later()
    sam = site.core_like(core)
    # Once for each way to send the secret.
    site.provider.script.extend([REFUSED, REFUSED])
    with pytest.raises(ProviderError, match="invalid_client"):
        sam.access_token("expenses")
    asked = site.provider.refreshes
    with pytest.raises(ProviderError, match="invalid_client") as caught:
        sam.access_token("second")
    assert "The authorizations are kept" in caught.value.hint
    assert asked == site.provider.refreshes
    row = row_of(core)
    assert (None, None) == (row.ended_at, row.attempt)
    secret = site.provider.client_secret
    sam.register_client(
        "expenses", ClientRegistration(client_id="desk-client", client_secret=secret)
    )
    assert 2 == sam.access_token("expenses").generation
    assert 2 == sam.access_token("second").generation


def test_F39_a_client_that_is_accepted_again_is_forgiven(site, core, sam):
    """Five minutes later somebody tries, and finds that the provider has mended it."""
    from conn_core.store import rows

    site.provider.script.extend([REFUSED, REFUSED])
    with pytest.raises(ProviderError):
        sam.access_token("expenses")
    site.later(301)
    assert 2 == site.core_like(core).access_token("expenses").generation
    with core.store.read() as tx:
        assert rows.registration_row(tx, "expenses").refused_at is None


# --- 401 -----------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("PUT", 2), ("POST", 1)])
def test_F41_what_may_be_repeated_is_sent_again(make_site, method, sent):
    """With one refresh in either case; whoever sent something else decides themselves,
    and finds a token that works.
    """
    site = make_site("strict")
    broker = site.core().acting_as("sam")
    with connected_client(broker, "expenses") as client:
        site.provider.reject_all()
        answer = client.request(method, "/me", content=b"1")
        assert (200 if sent == 2 else 401) == answer.status_code
        assert (1, sent) == (site.provider.refreshes, site.provider.api_requests)
        assert 200 == client.request(method, "/me", content=b"1").status_code
    assert 1 == site.provider.refreshes


def test_F42_an_api_that_refuses_everything_causes_one_refresh(make_site):
    """However often it is asked within ten seconds."""
    site = make_site("strict")
    site.provider.is_good = lambda _token: False
    broker = site.core().acting_as("sam")
    with connected_client(broker, "expenses") as client:
        assert [401] * 5 == [client.get("/me").status_code for _ in range(5)]
    assert 1 == site.provider.refreshes


# --- habits --------------------------------------------------------------------------


def with_habits(make_site, toml):
    """Make a deployment whose service renews in its own way."""
    from rotating_provider import RotatingProvider

    usual = RotatingProvider.catalog

    def catalog(self):
        return usual(self) + toml

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RotatingProvider, "catalog", catalog)
        return make_site("strict")


def test_a_service_that_renews_in_the_last_seconds_only_is_asked_then(make_site):
    """Before that its refresh is an error, also after a 401."""
    site = with_habits(make_site, "[service.habits.renewal]\nonly_within = 30\n")
    site.later(3550)
    assert 1 == site.use()["generation"]
    assert 1 == site.use(rejected=1)["generation"]
    assert 0 == site.provider.refreshes
    site.later(30)
    assert 2 == site.use()["generation"]


def test_a_service_with_a_quota_is_not_asked_beyond_it(make_site):
    """Two tokens in ten minutes: the third is waited for, and the wait is told."""
    site = with_habits(make_site, "[service.habits.renewal]\nat_most = [2, 600]\n")
    site.provider.lifetime = 60
    site.later()
    for generation in (2, 3):
        assert generation == site.use()["generation"]
        site.later(61)
    core = site.core()
    with pytest.raises(ProviderUnavailable, match="at the moment") as caught:
        core.acting_as("sam").access_token("expenses")
    assert 400 < caught.value.retry_after < 600
    assert 2 == site.provider.refreshes
    site.later(600)
    assert 4 == site.use()["generation"]


# --- against people ------------------------------------------------------------------


def test_F25_a_connection_deleted_during_its_refresh_leaves_no_grant(site, core, sam):
    """The refresh token that arrives is given back: nobody could end it later."""
    provider = site.provider

    def delete():
        provider.on_refresh = lambda: None
        with core.store.write() as tx:
            from conn_core.store import rows

            row = rows.row_of_owner(
                tx, "sam", "expenses", seen_by=rows.Onlooker(person="sam")
            )
            rows.delete_connection(tx, row.id)

    provider.on_refresh = delete
    with pytest.raises(ConnectionNotFound):
        sam.access_token("expenses")
    newest = list(provider._refresh)[-1]
    assert [newest] == provider.revocations
    assert 0 == sam.connections().total


def test_F26_authorized_anew_during_a_refresh(site, core, sam):
    """The new consent stands and is used, and the refresh that came late is set aside, not ended:
    many providers end all grants of a person with one.
    """
    from refresh_site import authorize

    def consent():
        site.provider.on_refresh = lambda: None
        authorize(core, site.provider)

    site.provider.on_refresh = consent
    assert 1 == sam.access_token("expenses").generation
    assert [] == site.provider.revocations
    assert 1 == sam.access_token("expenses").generation


def test_F29_the_loser_of_a_race_gets_the_winners_token(make_site, database):
    """Told ``invalid_grant`` while the winner has not stored yet, it waits for it."""
    site = make_site("grace", database, pace=Pace(lease=0.3, winner=30, wait=30))
    site.later()
    arrived, overtaken = threading.Event(), threading.Event()

    def first():
        site.provider.on_refresh = second
        arrived.set()

    def second():
        # Refused before the first one's answer is out.
        site.provider.script.append(Answer(400, b'{"error": "invalid_grant"}'))
        overtaken.set()

    site.provider.on_refresh = first
    site.provider.latency = 2.5
    worker = site.worker()
    worker.go()
    assert arrived.wait(60), worker.wait()
    said = site.use()
    [theirs] = worker.wait()
    assert overtaken.is_set()
    assert {2} == {said.get("generation"), theirs.get("generation")}, (said, theirs)
    assert said["digest"] == theirs["digest"]
