"""Tokens that are asked for again and again: together, from memory, and how long."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from patience import SECONDS, soon

from conn_core import AccessToken, Secret, Settings
from conn_core.broker import open_core
from conn_core.errors import StoreUnavailable
from conn_serverext import _vends
from conn_serverext._loans import Borrower
from conn_serverext._vends import GOOD_FOR, Asked, Vends

PATH = "api/v1/connections/mine/token"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
ADA = Asked(Borrower("ada", "a.ipynb", "mine", b"shown"), ())


@pytest.fixture
def time():
    return SimpleNamespace(now=100.0)


@pytest.fixture
def core(tmp_path):
    """A core without a connection: whatever is asked has to be asked wholly."""
    opened = open_core(
        Settings(
            data_dir=tmp_path / "data",
            runtime_dir=tmp_path / "run",
            user="ada",
            use_keyring=False,
        )
    )
    yield opened
    opened.close()


@pytest.fixture
def vends(core, time):
    made = Vends(lambda: core, monotonic=lambda: time.now, now=lambda: NOW)
    yield made
    made.close()


class Broker:
    """Answers with one generation after the other, and counts."""

    def __init__(self, vends, *, lives=None):
        self.vends, self.asked = vends, 0
        self.expires_at = None if lives is None else NOW + timedelta(seconds=lives)

    async def answer(self):
        self.asked += 1
        return AccessToken(
            access_token=Secret(f"CNRY-vended-{self.asked}"), expires_at=self.expires_at
        )

    async def current(self, asked=ADA):
        answer = await self.vends.current(asked, self.answer)
        return json.loads(answer.reveal())["access_token"]


async def test_an_answer_counts_for_a_moment(vends, time):
    """A kernel keeps it for half a second more: together less than one."""
    broker = Broker(vends)
    found = [await broker.current()]
    time.now += GOOD_FOR - 0.01
    found.append(await broker.current())
    time.now += 0.02
    found.append(await broker.current())

    assert ["CNRY-vended-1", "CNRY-vended-1", "CNRY-vended-2"] == found
    assert GOOD_FOR + 0.5 < 1


@pytest.mark.parametrize(
    "another",
    [
        ADA._replace(require=("read",)),
        ADA._replace(borrower=ADA.borrower._replace(person="bob")),
        ADA._replace(borrower=ADA.borrower._replace(place="b.ipynb")),
        ADA._replace(borrower=ADA.borrower._replace(name="yours")),
        ADA._replace(borrower=ADA.borrower._replace(shown=b"another")),
    ],
)
async def test_nobody_is_given_anothers_answer(vends, another):
    """Nor the same person who asks for more, from elsewhere, or shows another token."""
    broker = Broker(vends)
    await broker.current()

    assert "CNRY-vended-2" == await broker.current(another)


async def test_nothing_counts_any_more_once_something_is_changed(vends):
    """Also what was asked for before that, and is answered after."""
    broker = Broker(vends)
    await broker.current()
    vends.forget()
    assert "CNRY-vended-2" == await broker.current()

    asking = asyncio.create_task(broker.current())
    vends.forget()
    during = asyncio.create_task(broker.current())
    await asyncio.sleep(0)
    vends.forget()
    await asyncio.gather(asking, during)
    assert vends.lent(ADA) is None


async def test_what_was_looked_up_before_a_change_does_not_count_after_it(vends):
    """It is given to who asked for it then, and to nobody else."""
    began, may_end = threading.Event(), threading.Event()

    def at_once(_, wishes):
        began.set()
        may_end.wait(SECONDS)
        return [Secret("{}")] * len(wishes)

    vends._vending = SimpleNamespace(at_once=at_once)
    look = vends.look(ADA)
    assert await asyncio.to_thread(began.wait, SECONDS)
    vends.forget()
    may_end.set()

    assert "{}" == (await look).reveal()
    assert vends.lent(ADA) is None
    await vends.look(ADA)
    assert "{}" == vends.lent(ADA).reveal()


async def test_an_answer_counts_no_longer_than_its_token(vends, time):
    """However short that lives."""
    broker = Broker(vends, lives=0.1)
    await broker.current()
    time.now += 0.11

    assert "CNRY-vended-2" == await broker.current()


async def test_no_credential_stays_in_memory_that_nobody_asks_for(vends, time):
    """It goes by itself; and none is shown."""
    broker = Broker(vends)
    await broker.current()
    assert "CNRY" not in repr(vends._lent)
    time.now += 1

    await soon(lambda: vends._lent == {}, what="an empty memory")


async def test_what_was_made_of_credentials_leaves_memory_too(vends, monkeypatch):
    """By itself, a while after the last one asked; the next one begins anew."""
    monkeypatch.setattr(_vends, "_KEPT", 0.05)
    for _ in range(2):
        await vends.look(ADA)
        await soon(lambda: vends._vending is None, what="an empty memory")


async def test_a_database_that_is_silent_is_said_to_all(vends, core):
    """And the next one is answered."""
    broker = Broker(vends)
    read = core.store.read

    def silent():
        raise StoreUnavailable("The database is away", "Run %conn env")

    core.store.read = silent
    places = [ADA.borrower._replace(place=f"{n}") for n in range(5)]
    asking = [broker.current(Asked(place, ())) for place in places]
    found = await asyncio.gather(*asking, return_exceptions=True)
    core.store.read = read

    assert [StoreUnavailable] * 5 == [type(error) for error in found]
    assert "CNRY-vended-1" == await broker.current()


async def test_two_event_loops_are_answered_each_in_its_own(vends):
    """The server's, and the one of the kernels' own door."""

    def elsewhere():
        asked = ADA._replace(require=("elsewhere",))
        return asyncio.run(Broker(vends).current(asked))

    found = await asyncio.gather(asyncio.to_thread(elsewhere), Broker(vends).current())

    assert ["CNRY-vended-1"] * 2 == found


# --- over REST ---------------------------------------------------------------------------


@pytest.fixture
def said(extension, connected):
    """The questions to the database."""
    found = []
    engine = extension.core.opened().store._engine

    def note(*arguments):
        found.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


async def test_a_crowd_is_one_question_or_two(
    kernel, said, access_token, extension, monkeypatch
):
    """Whoever comes while one is under way waits for the next."""
    await kernel("POST", PATH)
    # On a machine that is busy the last ones come when the first answer counts no more.
    monkeypatch.setattr(_vends, "GOOD_FOR", SECONDS)
    extension.core.vends.forget()
    said.clear()

    answers = await asyncio.gather(*(kernel("POST", PATH) for _ in range(20)))

    assert {access_token} == {answer.json["access_token"] for answer in answers}
    assert 1 <= len([text for text in said if "SELECT" in text]) <= 4


async def test_a_revocation_through_this_server_acts_on_the_next_call(
    kernel, connected
):
    """Whatever is in memory."""
    for _ in range(3):
        assert 200 == (await kernel("POST", PATH)).code
    await kernel("POST", "api/v1/connections/mine/revoke")

    answer = await kernel("POST", PATH)

    assert (423, "connection_revoked") == (answer.code, answer.json["code"])


async def test_a_revocation_elsewhere_acts_a_moment_later(kernel, connected, extension):
    """By another replica, or a command."""
    await kernel("POST", PATH)
    person = (await kernel("GET", "api/v1/status")).json["user"]
    await kernel("POST", PATH)
    core = extension.core.opened()
    await asyncio.to_thread(lambda: core.acting_as(person).revoke("mine"))
    await asyncio.sleep(1.2 * GOOD_FOR)

    answer = await kernel("POST", PATH)

    assert (423, "connection_revoked") == (answer.code, answer.json["code"])
