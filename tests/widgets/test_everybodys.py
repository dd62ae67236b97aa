"""The tab *All*: what administrators see, and what they may do with it."""

import pytest

from conn_core.errors import NotAllowed
from conn_widgets import connection_details, connections_panel
from conn_widgets._list import ConnectionList

SUSPENDED = "Suspended: the account of eve is not active."


@pytest.fixture
def broker(fakes):
    """Priya looks after the deployment."""
    theirs = {"group": "organisation", "accepted": False}
    made = fakes.FakeBroker(
        services=[fakes.a_service()],
        connections=[
            fakes.a_connection("mine", "Mine"),
            fakes.a_connection("lent", "Lent", owner="sam", **theirs),
            fakes.a_connection("other", "Other", owner="sam", shared_with=(), **theirs),
            fakes.a_connection(
                "stopped",
                "Stopped",
                owner="sam",
                shared_with=("user:grace",),
                status="revoked",
                status_reason="Revoked by sam on 2026-11-09.",
                **theirs,
            ),
            fakes.a_connection(
                "orphan",
                "Orphan",
                owner="eve",
                shared_with=("user:grace",),
                status="revoked",
                status_reason=SUSPENDED,
                **theirs,
            ),
        ],
    )
    made.looks_after = True
    return made


@pytest.fixture
def form(hold, broker):
    """The panel."""
    return hold(connections_panel(broker))


@pytest.fixture
def listed(form, wire):
    """Asks for the rows of a group, by key."""

    def ask(group="all"):
        asked = {"query": "", "service": "", "status": ""}
        wire.receive(form.of(ConnectionList), do="list", number=1, group=group, **asked)
        shown = wire.last(form.of(ConnectionList), "rows")
        return shown, {row["key"]: row for row in shown.get("rows", ())}

    return ask


def test_an_administrator_sees_everything_and_whose_it_is(listed):
    """With the names that commands take."""
    shown, rows = listed()
    assert {"my": 1, "organisation": 4, "internal": 0, "all": 5} == shown["counts"]
    every = {"mine", "sam/lent", "sam/other", "sam/stopped", "eve/orphan"}
    assert every == rows.keys()
    assert ("sam/other", "sam") == (
        rows["sam/other"]["link_name"],
        rows["sam/other"]["whose"],
    )


def test_H4_nobody_else_is_shown_the_tab(listed, broker):
    """Whatever a browser asks for."""
    broker.looks_after = False
    shown, _ = listed()
    assert ("my", 3) == (shown["asked"]["group"], len(shown["counts"]))


@pytest.mark.parametrize(
    ("key", "first", "more"),
    [
        ("mine", ["code"], ["test", "edit", "share", "revoke", "delete"]),
        ("sam/lent", ["accept"], ["code", "revoke", "seal", "transfer", "delete"]),
        ("sam/other", ["revoke"], ["seal", "transfer", "delete"]),
        ("sam/stopped", ["enable"], ["seal", "transfer", "delete"]),
        ("eve/orphan", ["transfer"], ["revoke", "seal", "delete"]),
    ],
)
def test_H4_a_row_offers_what_an_administrator_may(listed, key, first, more):
    """Stop, seal, give away, delete; nothing that uses what is not lent to them."""
    _, rows = listed()
    assert (first, more) == (rows[key]["buttons"], rows[key]["more"])


def test_H14_what_is_suspended_says_so(listed):
    """It is no revocation that could be undone here."""
    _, rows = listed()
    assert "Suspended" == rows["eve/orphan"]["pill"]["label"]
    assert SUSPENDED == rows["eve/orphan"]["why"]
    assert "Revoked" == rows["sam/stopped"]["pill"]["label"]


def test_sealing_is_told_in_the_row(form, listed, wire, broker):
    """At once; a refusal too."""
    listed()
    wire.receive(form.of(ConnectionList), do="act", action="seal", name="sam/other")
    said = wire.last(form.of(ConnectionList), "row")["row"]["said"]
    assert ("ok", "Sealed: its token stays with the broker.") == (
        said["tone"],
        said["text"],
    )
    assert "sealed" == broker.connection("sam/other").exposure

    def refuse(*_, **__):
        raise NotAllowed("'other' belongs to sam")

    broker.seal = refuse
    wire.receive(form.of(ConnectionList), do="act", action="seal", name="sam/other")
    said = wire.last(form.of(ConnectionList), "row")["row"]["said"]
    assert ("bad", "'other' belongs to sam.") == (said["tone"], said["text"])


def test_what_an_administrator_cannot_use_asks_for_no_word(hold, broker):
    """Its details offer to stop it; there is nothing to agree to."""
    form = hold(connection_details(broker, "sam/other"))
    assert "shares this connection" not in form.html()
    assert ["Revoke", "Seal", "Give away", "Delete"] == [
        words for words in form.buttons() if words != "Show more"
    ][1:]
    assert "accept" not in repr(form.stage)

    assert "shares this connection" in hold(connection_details(broker, "lent")).html()


def test_an_administrator_hands_on_what_nobody_can_use(form, listed, wire, broker):
    """From the row, in the same words as everywhere."""
    listed()
    wire.receive(
        form.of(ConnectionList), do="act", action="transfer", name="eve/orphan"
    )
    wire.type(form.stage.screen.to, value="grace")
    form.press("Give away")
    assert "grace" == broker.connection("orphan").owner
