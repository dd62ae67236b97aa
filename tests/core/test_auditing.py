"""The audit log: who did what, from where, with which result; never a secret."""

import json

import pytest

from conn_core.broker._verifying import verify_log
from conn_core.errors import AuditUnavailable, ConnectionNotFound, NotAllowed


def lines(world, person="priya", **wanted):
    """Return the lines that somebody sees, the oldest first."""
    return world.broker(person).audit(**wanted).items[::-1]


@pytest.fixture
def shared(world):
    """A connection of priya's that sam agreed to use."""
    world.connected(person="priya")
    world.broker("sam").accept("expenses")
    return world


def test_M15_every_change_is_written_down_with_who_and_what(world):
    """From the first registration to the end."""
    broker = world.connected()
    broker.refresh("expenses")
    broker.revoke("expenses")
    broker.enable("expenses")
    broker.delete("expenses")
    found = lines(world, "sam")
    assert [
        "create",
        "authorize",
        "refresh",
        "revoke",
        "enable",
        "revoke",
        "delete",
    ] == [line.action for line in found]
    assert {"sam"} == {line.actor for line in found}
    assert {"expenses"} == {line.connection for line in found}
    assert {"sam"} == {line.owner for line in found}
    assert {"expenses"} == {line.service for line in found}
    assert verify_log(world.core).whole


def test_a_line_says_from_where_and_who_it_really_was(shared):
    """Sam's use renews priya's token: as priya, by sam, from his notebook."""
    sam = shared.core.acting_as("sam", place="daily.ipynb")
    shared.clock.advance(7200)
    sam.access_token("expenses")
    renewed, used = lines(shared)[-2:]
    assert ("refresh", "priya", "sam", "daily.ipynb") == (
        renewed.action,
        renewed.actor,
        renewed.by,
        renewed.place,
    )
    assert ("use", "ok", "sam", "", "priya", "daily.ipynb") == (
        used.action,
        used.result,
        used.actor,
        used.by,
        used.owner,
        used.place,
    )


def test_people_see_what_they_did_and_what_was_done_with_theirs(shared, settings):
    """Not what others do with theirs; administrators see everything."""
    import dataclasses

    shared.connected("Own", person="ada")
    shared.broker("sam").access_token("expenses")
    assert {"priya", "sam"} == {line.actor for line in lines(shared, "priya")}
    assert {"sam"} == {line.actor for line in lines(shared, "sam")}
    assert "sam" not in {line.actor for line in lines(shared, "ada")}
    root = dataclasses.replace(settings, administrators=("root",))
    core = shared.open(settings=root)
    seen = core.acting_as("root").audit().items
    assert {"ada", "priya", "sam"} == {line.actor for line in seen}
    assert core.acting_as("root").audit_report().whole
    with pytest.raises(NotAllowed):
        shared.broker("priya").audit_report()


def test_lines_are_found_by_connection_person_action_and_words(shared):
    """Also those of a connection that is not there any more."""
    sam = shared.core.acting_as("sam", place="daily.ipynb")
    sam.access_token("expenses")
    assert ["use"] == [line.action for line in lines(shared, action="use")]
    assert {"sam"} == {line.actor for line in lines(shared, person="sam")}
    assert ["use"] == [line.action for line in lines(shared, query="DAILY use")]
    assert () == lines(shared, query="dai%")
    assert () == lines(shared, query="\0")
    assert lines(shared, connection="expenses") == lines(
        shared, connection="priya/expenses"
    )
    shared.broker("priya").delete("expenses")
    gone = lines(shared, connection="expenses")
    assert ["create", "delete"] == [gone[0].action, gone[-1].action]
    with pytest.raises(ConnectionNotFound):
        lines(shared, connection="expences")


def test_pages_go_on_where_the_last_one_ended(shared):
    """Nothing twice, nothing skipped, whatever is written in the meantime."""
    broker = shared.broker("priya")
    whole = broker.audit().items
    seen, cursor = [], None
    while True:
        page = broker.audit(cursor=cursor, limit=2)
        seen += page.items
        broker.revoke("expenses")
        broker.enable("expenses")
        cursor = page.next_cursor
        if cursor is None:
            break
    assert list(whole) == seen


def test_M17_nothing_of_anothers_is_released_unwritten(shared):
    """The log cannot be written: no token for sam, and his own still works."""
    shared.connected("Own", person="sam")
    shared.sql("UPDATE deployment_secrets SET sealed = x'00'")
    core = shared.open()
    with pytest.raises(AuditUnavailable) as caught:
        core.acting_as("sam").access_token("priya/expenses")
    assert "nothing of priya's was released" in caught.value.message
    assert core.acting_as("sam").access_token("own")
    assert core.acting_as("priya").access_token("expenses")


def test_M17_own_use_that_is_not_written_is_said_in_the_servers_log(shared, caplog):
    """A warning, without a secret."""
    shared.sql("DELETE FROM deployment_secrets")
    core = shared.open()
    assert core.acting_as("priya").access_token("expenses")
    assert "a use is not in the audit log" in caplog.text
    assert "CNRY" not in caplog.text


def test_a_change_that_cannot_be_written_down_does_not_happen(shared):
    """They are one transaction."""
    shared.sql("DELETE FROM deployment_secrets")
    core = shared.open()
    with pytest.raises(AuditUnavailable):
        core.acting_as("priya").revoke("expenses")
    assert "connected" == core.acting_as("priya").connection("expenses").status


def test_each_token_and_each_minute_is_a_release_of_its_own(shared):
    """A crowd within a minute is one line."""
    sam = shared.broker("sam")
    for _ in range(3):
        sam.access_token("expenses")
    assert 1 == len(lines(shared, action="use"))
    sam.access_token("expenses", rejected=1)
    assert 2 == len(lines(shared, action="use"))
    shared.clock.advance(61)
    sam.access_token("expenses")
    assert 3 == len(lines(shared, action="use"))


def test_a_crowd_waits_for_one_line(shared):
    """Nobody has the token before it is written, and it is written once."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as crowd:
        asked = crowd.map(
            lambda _: shared.broker("sam").access_token("expenses"), range(32)
        )
        assert 32 == len(list(asked))
    assert 1 == len(lines(shared, action="use"))


def test_everybody_who_waits_is_told_that_it_failed():
    """And the next one tries anew."""
    import threading

    from conn_core.broker._releases import Releases

    releases, began, go_on = Releases(), threading.Event(), threading.Event()
    use, failed = ("id", "sam", ""), []

    def fails():
        began.set()
        go_on.wait(60)
        raise AuditUnavailable("The disk is full")

    def asks():
        try:
            releases.write_once(use, 1, 0.0, fails)
        except AuditUnavailable as error:
            failed.append(error)

    crowd = [threading.Thread(target=asks) for _ in range(3)]
    crowd[0].start()
    assert began.wait(60)
    for one in crowd[1:]:
        one.start()
    while sum(t.is_alive() for t in crowd) < 3:
        pass
    go_on.set()
    for one in crowd:
        one.join(60)
    assert 3 == len(failed)
    written = []
    releases.write_once(use, 1, 0.0, lambda: written.append(1))
    releases.write_once(use, 1, 59.0, lambda: written.append(2))
    assert [1] == written


def test_M16_no_secret_is_in_the_log(shared, provider):
    """Tokens, codes, secrets and states: none, in any column."""
    sam = shared.core.acting_as("sam", place="daily.ipynb")
    sam.access_token("expenses", rejected=1)
    shared.broker("priya").revoke("expenses", at_provider=True)
    shared.broker("priya").delete("expenses")
    everything = json.dumps(shared.sql("SELECT * FROM audit"))
    assert "request" in everything or "refresh" in everything
    assert "CNRY" not in everything
    assert "CNRY" not in repr(shared.core.auditing)


def test_the_key_shows_itself_to_nobody(shared):
    """Not in a repr, a pickle or an error."""
    import pickle

    with shared.core.store.read() as tx:
        key = shared.core.auditing.key(tx, shared.core.vault)
    assert "<ChainKey>" == repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
