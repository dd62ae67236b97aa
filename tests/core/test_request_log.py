"""Requests in the audit log: many share a transaction, counts are exact, texts harmless."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core.broker import _request_log, _sampling
from conn_core.broker._line_texts import as_columns, as_text, path_template
from conn_core.broker._policy import Actor
from conn_core.broker._request_log import request_noted
from conn_core.broker._verifying import verify_log
from conn_core.errors import AuditUnavailable, StoreUnavailable
from conn_core.store import rows


@pytest.fixture
def row(world):
    """The row of a connection of priya's."""
    world.connected(person="priya")
    with world.core.store.read() as tx:
        (connection_id,) = world.sql("SELECT id FROM connections")[0]
        return rows.connection_by_id(tx, connection_id)


@pytest.fixture
def note(world, row):
    """Notes a request of sam's."""

    def go(path="/v1/reports/17?q=CNRY-query", **more):
        facts = {"place": "daily.ipynb", "host": "api.expenses.example"}
        facts |= {"method": "GET", "status": 200, "bytes": 12, "milliseconds": 3}
        facts["result"] = "ok"
        actor = more.pop("actor", Actor.person("sam"))
        noted = request_noted(world.core, actor, row, path=path, **(facts | more))
        noted.result()

    return go


def requests(world):
    return world.broker("priya").audit(action="request", limit=10_000).items


def test_a_request_is_written_when_noting_returns(world, note):
    """Without its query; to whom, from where, with which result."""
    note()
    (line,) = requests(world)
    assert ("sam", "priya", "expenses", "daily.ipynb") == (
        line.actor,
        line.owner,
        line.connection,
        line.place,
    )
    assert ("GET", "api.expenses.example", "/v1/reports/{}") == (
        line.method,
        line.host,
        line.path,
    )
    assert (200, 12, 3, "ok") == (
        line.status,
        line.bytes,
        line.milliseconds,
        line.result,
    )


def test_a_job_is_named_by_its_grant(world, note):
    """As its owner, by the grant."""
    note(actor=Actor(name="sam", principals=frozenset(), grant="g1"))
    note(actor=Actor(name="sam", principals=frozenset(), by="root"))
    assert ["root", "grant:g1"] == [line.by for line in requests(world)]


def test_many_requests_share_transactions(world, note, monkeypatch):
    """While one commit is under way further lines gather."""
    commits, store = [], world.core.store
    write, first = store.write, threading.Event()

    def slow(**options):
        commits.append(1)
        first.wait(0.2)
        return write(**options)

    monkeypatch.setattr(store, "write", slow)
    with ThreadPoolExecutor(20) as crowd:
        list(crowd.map(lambda _: note(), range(60)))
    monkeypatch.undo()
    assert 60 == len(requests(world))
    assert len(commits) < 60 / 2, "each wrote for itself"
    assert verify_log(world.core).whole


def test_M17_whoever_waits_is_told_that_it_was_not_written(world, note, monkeypatch):
    """And the next line is written."""

    def full(**_):
        raise StoreUnavailable("The disk is full")

    monkeypatch.setattr(world.core.store, "write", full)
    with pytest.raises(AuditUnavailable, match="The disk is full"):
        note()
    monkeypatch.setattr(world.core.store, "write", lambda **_: 1 / 0)
    with pytest.raises(AuditUnavailable, match="something failed"):
        note()
    monkeypatch.undo()
    note()
    assert 1 == len(requests(world))


def test_a_log_whose_key_is_gone_says_so(world, row, note):
    """In its own words."""
    world.sql("DELETE FROM deployment_secrets")
    world.core.auditing._key = None
    with pytest.raises(AuditUnavailable, match="its key is gone"):
        note()


def test_a_queue_that_is_full_refuses(world, row, note, monkeypatch):
    """Memory is bounded."""
    monkeypatch.setattr(_request_log, "_MOST_WAITING", 0)
    with pytest.raises(AuditUnavailable, match="More requests are sent"):
        note()


def test_no_thread_is_said_and_forgotten(world, row, note, monkeypatch):
    """The next one tries again."""

    def cannot(self):
        raise RuntimeError

    monkeypatch.setattr(threading.Thread, "start", cannot)
    with pytest.raises(AuditUnavailable, match="no thread can be started"):
        note()
    monkeypatch.undo()
    note()
    assert 1 == len(requests(world))


def test_W8_a_flood_is_counted_exactly(world, row, note, monkeypatch):
    """Beyond a rate one line stands for many; nothing is lost, also at the end."""
    monkeypatch.setattr(_sampling, "WRITTEN_EACH", 3)
    monkeypatch.setattr(_sampling, "STANDS_FOR", 5)
    for _ in range(3 + 5 + 4):
        note()
    note(result="refused", status=None)
    details = [line.detail for line in requests(world)]
    assert 5 == len(details)
    assert "One of 5 such requests; they came too fast to write each" == details[1]
    world.clock.advance(61)
    note(result="failed")  # whatever is written next takes what was left
    counted = [line.detail for line in requests(world)]
    assert any(text.startswith("One of 4 such requests") for text in counted)
    for _ in range(3 + 2):
        note()
    world.core.requests.close(world.core)
    assert any(line.detail.startswith("One of 2") for line in requests(world))
    assert verify_log(world.core).whole


def test_W8_a_new_minute_begins_with_what_was_left(world, row, monkeypatch):
    """Where the same goes on."""
    sampling = _sampling.Sampling()
    monkeypatch.setattr(_sampling, "WRITTEN_EACH", 1)
    kind = ("id", "sam", "", "ok")
    assert [1, 0, 0] == [sampling.take(kind, {}, 0.0) for _ in range(3)]
    assert 3 == sampling.take(kind, {}, 60.0)
    assert [] == sampling.left_over(200.0)
    monkeypatch.setattr(_sampling, "_MOST", 1)
    assert 0 == sampling.take(kind, {}, 61.0)
    assert 1 == sampling.take(("other", "sam", "", "ok"), {}, 61.0)
    assert [({}, 1)] == sampling.left_over(121.0)


def test_what_is_only_counted_is_done_at_once(world, row, monkeypatch):
    """Nobody waits for a line that is not written."""
    monkeypatch.setattr(_sampling, "WRITTEN_EACH", 1)
    facts = {"place": "", "path": "/", "result": "ok"}
    sam = Actor.person("sam")
    request_noted(world.core, sam, row, **facts).result(60)
    assert request_noted(world.core, sam, row, **facts).done()
    world.core.requests.sampling.left_over(0, every=True)


def test_what_was_counted_is_written_when_the_core_closes(
    world, row, note, monkeypatch
):
    """And a store that is away then breaks nothing."""
    monkeypatch.setattr(_sampling, "WRITTEN_EACH", 1)
    note()
    note()
    world.core.close()
    again = world.open()
    found = again.acting_as("priya").audit(action="request").items
    assert "One of 1" not in found[0].detail
    assert 2 == len(found)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\nb", "a\\u000ab"),
        ("\x1b[31m\x00", "\\u001b[31m\\u0000"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800x", "\\ud800x"),
        ("\U000e0001", "\\U000e0001"),
        ('März {"a": 1}', 'März {"a": 1}'),
    ],
    ids=["line", "control", "turned", "half", "tag", "plain"],
)
def test_M10_M12_a_text_is_one_printable_line(given, kept):
    """Nobody forges a line by a line break in a text."""
    assert kept == as_text(given, 100)


def test_M11_a_long_text_is_cut_with_a_mark():
    """Two that begin alike can be told apart."""
    one, two = as_text("a" * 1_000_000, 256), as_text("a" * 999_999, 256)
    assert 256 == len(one) == len(two)
    assert one != two
    assert "…#" in one
    assert "a" * 256 == as_text("a" * 256, 256)
    assert 256 == len(as_text("\x00" * 200, 256))


def test_M10_every_text_of_a_line_fits_its_column():
    """Whoever writes it."""
    line = as_columns(dict.fromkeys(("actor", "place", "by", "path"), "\n" * 5000))
    assert all("\n" not in str(value) for value in line.values())
    assert (256, 300) == (len(line["actor"]), len(line["place"]))
    assert (None, None, "") == (line["connection_id"], line["status"], line["host"])


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/users/42/posts?token=x#y", "/v1/users/{}/posts"),
        ("/repos/pandas-dev/pandas", "/repos/pandas-dev/pandas"),
        ("/x/8f14e45f-ceea-467f-a8f2-abcdefabcdef", "/x/{}"),
        ("/files/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms", "/files/{}"),
        ("/bot123456:AAabcdefghijklmnop/send", "/{}/send"),
        ("/a-very-long-name-of-something-quite-ordinary-here/x", "/{}/x"),
        ("/spreadsheets/values:batchGet", "/spreadsheets/values:batchGet"),
        ("", ""),
    ],
)
def test_a_path_names_nobody(path, template):
    """Numbers, UUIDs and long ids are written as ``{}``, and no query at all."""
    assert template == path_template(path)
