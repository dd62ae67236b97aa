"""Where tokens come from: memory for half a second, then the broker."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from conn_core.errors import BrokerUnavailable, ConnectionRevoked, ScopeMissing
from conn_core.http._source import TokenSource

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Clock:
    """Both clocks, moved by hand."""

    def __init__(self):
        self.passed = 0.0

    def monotonic(self):
        return 1000 + self.passed

    def now(self):
        return START + timedelta(seconds=self.passed)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def broker(new_broker):
    return new_broker(expires_at=START + timedelta(hours=1))


@pytest.fixture
def source(broker, clock):
    return TokenSource(broker, "coffee", monotonic=clock.monotonic, now=clock.now)


def test_requests_in_a_row_ask_the_broker_once(source, broker, clock):
    """No broker call per request."""
    for _ in range(100):
        source.token()
        clock.passed += 0.004

    assert 1 == len(broker.asked)


def test_the_broker_is_asked_again_after_half_a_second(source, broker, clock):
    """So that a revocation in another kernel acts within a second."""
    source.token()
    clock.passed = 0.51
    broker.error = ConnectionRevoked("Connection 'coffee' was revoked", "Run %conn")

    with pytest.raises(ConnectionRevoked):
        source.token()


def test_an_expired_token_is_not_used_from_memory(source, broker, clock):
    """However short its life: the broker has a better one."""
    broker.token = dataclasses.replace(
        broker.token, expires_at=START + timedelta(seconds=0.2)
    )
    source.token()
    clock.passed = 0.2

    source.token()

    assert 2 == len(broker.asked)


def test_tokens_of_a_few_seconds_make_no_storm_of_questions(source, broker, clock):
    """Whether a token is fresh enough is the broker's decision, asked twice a second."""
    for _ in range(100):
        broker.token = dataclasses.replace(
            broker.token, expires_at=clock.now() + timedelta(seconds=2)
        )
        source.token()
        clock.passed += 0.01

    assert len(broker.asked) <= 2


def test_an_unreachable_broker_is_bridged_for_thirty_seconds(source, broker, clock):
    """A server that restarts does not stop a notebook; longer than that it does."""
    token = source.token()
    broker.error = BrokerUnavailable("The server is not running any more")

    clock.passed = 29.9
    assert token is source.token()
    clock.passed = 30.1
    with pytest.raises(BrokerUnavailable):
        source.token()


def test_an_unreachable_broker_is_not_asked_for_every_request(source, broker, clock):
    """A broker that hangs would hang each of them."""
    source.token()
    broker.error = BrokerUnavailable("The server did not answer within 10 seconds")
    clock.passed = 5

    for _ in range(10):
        source.token()

    assert 2 == len(broker.asked)


def test_an_expired_token_does_not_bridge_anything(source, broker, clock):
    """It would be refused."""
    broker.token = dataclasses.replace(
        broker.token, expires_at=START + timedelta(seconds=5)
    )
    source.token()
    broker.error = BrokerUnavailable("The server is not running any more")
    clock.passed = 5

    with pytest.raises(BrokerUnavailable):
        source.token()


def test_a_revoked_token_does_not_come_back_when_the_broker_goes(source, broker, clock):
    """What was taken away is forgotten at once."""
    source.token()
    clock.passed = 1
    broker.error = ConnectionRevoked("Connection 'coffee' was revoked")
    with pytest.raises(ConnectionRevoked):
        source.token()
    broker.error = BrokerUnavailable("The server is not running any more")

    with pytest.raises(BrokerUnavailable):
        source.token()


def test_a_refused_token_does_not_bridge_anything(source, broker):
    """An API has just refused it."""
    source.token()
    broker.error = BrokerUnavailable("The server is not running any more")

    with pytest.raises(BrokerUnavailable):
        source.token(rejected=1)


def test_a_refused_generation_that_is_gone_asks_nobody(source, broker):
    """Somebody else has had it renewed meanwhile."""
    source.token()
    source.token(rejected=1)

    assert 2 == source.token(rejected=1).generation
    assert 2 == len(broker.asked)


def test_threads_that_come_together_ask_once(broker, clock):
    """One question in flight per source."""
    everybody = threading.Barrier(20)
    source = TokenSource(broker, "coffee", monotonic=clock.monotonic, now=clock.now)

    def come():
        everybody.wait(60)
        return source.token().generation

    with ThreadPoolExecutor(20) as pool:
        futures = [pool.submit(come) for _ in range(20)]
        assert {1} == {future.result() for future in futures}
    assert 1 == len(broker.asked)


def test_needed_scopes_are_asked_for_each_time(broker, clock):
    """An edit may take one away."""
    source = TokenSource(
        broker, "coffee", require=("read",), monotonic=clock.monotonic, now=clock.now
    )
    source.token()
    clock.passed = 1
    source.token()

    assert [("coffee", ("read",), None)] * 2 == broker.asked


def test_check_asks_for_more_scopes_at_once(source, broker):
    """Memory does not know whether the broker agrees."""
    source.token()
    broker.error = ScopeMissing("'coffee' lacks the scope 'order'")

    source.check()
    with pytest.raises(ScopeMissing):
        source.check(require=("order",))


def test_a_source_shows_its_name_alone(source, secret):
    """Also after a question."""
    source.token()

    assert "<token source of 'coffee'>" == repr(source)
    assert secret not in repr(vars(source))
