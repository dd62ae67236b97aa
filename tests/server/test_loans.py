"""What a server keeps between carried requests: loans, room, parts of bodies."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from conn_core import AccessToken, Secret
from conn_core.errors import (
    AuditUnavailable,
    ConnectionRevoked,
    StoreUnavailable,
    TooManyAttempts,
)
from conn_serverext._inbox import Inbox
from conn_serverext._loans import Borrower, ConnectionLender, Loans
from conn_serverext._relaying import Crowd

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ADA = Borrower("ada", "a.ipynb", "mine", b"shown")


def _lending(generation=1, lives=None):
    token = AccessToken(
        access_token=Secret("CNRY-lent-1"),
        generation=generation,
        expires_at=None if lives is None else NOW + timedelta(seconds=lives),
    )
    return SimpleNamespace(loan=SimpleNamespace(token=token))


class Broker:
    """Answers what the test says next, and counts."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def __call__(self, rejected):
        self.asked.append(rejected)
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def time():
    return SimpleNamespace(now=100.0)


@pytest.fixture
def loans(time):
    return Loans(monotonic=lambda: time.now, now=lambda: NOW)


async def test_a_crowd_asks_once_and_a_moment_later_again(loans, time):
    """A loan is good for half a second."""
    broker = Broker(_lending(), _lending())

    found = await asyncio.gather(*(loans.current(ADA, broker) for _ in range(9)))
    assert (1, 1) == (len(broker.asked), len(set(map(id, found))))

    time.now += 0.6
    await loans.current(ADA, broker)
    assert [None, None] == broker.asked


async def test_a_refused_credential_is_renewed_once_for_all(loans):
    """Whoever names an older one gets what is there."""
    broker = Broker(_lending(1), _lending(2))
    lender = ConnectionLender(loans, ADA, broker)
    await lender.lend()

    renewed = await asyncio.gather(*(lender.lend(rejected=1) for _ in range(5)))

    assert [2] * 5 == [loan.token.generation for loan in renewed]
    assert ([None, 1], 2) == (broker.asked, lender.lending.loan.token.generation)


@pytest.mark.parametrize("lives", [0.1, -5])
async def test_a_credential_is_not_used_beyond_its_end(loans, time, lives):
    """Then the broker is asked sooner."""
    broker = Broker(_lending(lives=lives), _lending())
    await loans.current(ADA, broker)
    time.now += 0.2

    await loans.current(ADA, broker)

    assert 2 == len(broker.asked)


async def test_a_silent_database_is_bridged_for_a_while(loans, time):
    """For what was confirmed a moment ago, and not for ever."""
    silent = StoreUnavailable("silent")
    first = _lending()
    broker = Broker(first, silent, silent)
    await loans.current(ADA, broker)

    time.now += 10
    assert first is await loans.current(ADA, broker)
    time.now += 25
    with pytest.raises(StoreUnavailable):
        await loans.current(ADA, broker)


@pytest.mark.parametrize("said", [ConnectionRevoked("no"), AuditUnavailable("no")])
async def test_what_the_broker_refuses_is_gone(loans, time, said):
    """A database that is silent later does not bring it back."""
    broker = Broker(_lending(), said, StoreUnavailable("silent"))
    await loans.current(ADA, broker)
    time.now += 1

    with pytest.raises(type(said)):
        await loans.current(ADA, broker)
    with pytest.raises(StoreUnavailable):
        await loans.current(ADA, broker)


async def test_nobody_gets_anothers_loan_and_old_ones_are_forgotten(loans, time):
    """Another person, place, connection or bearer is another borrower."""
    broker = Broker(*(_lending(n) for n in range(1, 6)))
    others = [ADA._replace(**{field: "x"}) for field in ("person", "place", "name")]
    others.append(ADA._replace(shown=b"x"))
    found = [await loans.current(who, broker) for who in (ADA, *others)]
    assert [1, 2, 3, 4, 5] == [one.loan.token.generation for one in found]

    time.now += 60
    await loans.current(ADA, Broker(_lending()))

    assert [ADA] == list(loans._held)
    assert len(loans._asking) <= 1


def test_room_is_counted_by_person():
    """One person's crowd takes nothing from another."""
    crowd = Crowd()
    with (
        crowd.room_for("ada", at_once=1),
        crowd.room_for("bob", at_once=1),
        pytest.raises(TooManyAttempts) as caught,
        crowd.room_for("ada", at_once=1),
    ):
        pytest.fail("there was no room")
    assert 1.0 == caught.value.retry_after
    assert not crowd._under_way


async def test_whoever_sends_waits_for_whoever_takes():
    """At most two parts are in memory."""
    inbox = Inbox()
    await inbox.put(b"one")
    second = asyncio.ensure_future(inbox.put(b"two"))
    await asyncio.sleep(0)
    assert not second.done()

    parts = inbox.parts()
    assert b"one" == await anext(parts)
    await second
    inbox.end()

    assert [b"two"] == [part async for part in parts]


async def test_a_body_that_is_too_large_is_not_taken_whole():
    """Nor kept."""
    inbox = Inbox()
    await inbox.put(b"four")
    inbox.end()
    assert await inbox.whole(most=3) is None

    inbox = Inbox()
    inbox.end()
    assert b"" == await inbox.whole(most=3)


async def test_half_a_body_is_no_body():
    """Whoever takes it hears that its sender is gone; what comes later is let go."""
    inbox = Inbox()
    taking = asyncio.ensure_future(inbox.whole(most=9))
    await asyncio.sleep(0)
    inbox.shut()
    await inbox.put(b"late")

    with pytest.raises(ConnectionResetError):
        await taking
