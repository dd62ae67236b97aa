"""Details: facts, code to copy, where it is used, and what is done from there."""

import dataclasses
from datetime import timedelta

import ipywidgets
import pytest

from conn_core.errors import BrokerUnavailable
from conn_widgets import CopyField, Field, FoldHead, connection_details
from conn_widgets._details import DetailsScreen
from conn_widgets._list import ConnectionList
from conn_widgets._stage import Stage


@pytest.fixture
def details(hold, broker, fakes):
    def open_details(name="github"):
        return hold(connection_details(broker, name, clock=lambda: fakes.NOW))

    return open_details


@pytest.fixture
def screen(broker, fakes, hold):
    """The screen alone, with what it asks others to do."""
    asked = []
    stage = Stage()
    stage.begin(
        DetailsScreen(
            stage,
            broker,
            broker.connection("github"),
            on_action=lambda action, c: asked.append((action, c.link_name)),
            background=lambda work: work(),
            clock=lambda: fakes.NOW,
        )
    )
    return hold(stage), asked


def test_the_facts_are_there(details):
    """In the order people look for them."""
    html = details().html()

    for fact in (
        "Connected",
        "GitHub, predefined",
        "priya (you), account priya-n",
        "Everybody here",
        "Repositories, public and private",
        "api.example.com",
        "Direct: a short-lived token reaches the notebook",
        "26 September 2026",
        "2 hours ago",
    ):
        assert fact in html


def test_a_failure_says_why_and_scopes_say_what_was_granted(details, broker):
    """Asked for and granted are two things."""
    there = broker.connection("team-slack")
    broker.found["team-slack"] = dataclasses.replace(
        there, granted_scopes=("chat:write",)
    )

    html = details("team-slack").html()

    assert "invalid_grant" in html
    assert "<dt>Granted</dt>" in html


def test_the_code_follows_the_library(details, wire):
    """And is there to copy."""
    form = details()
    picker = form.of(Field, label="Library")
    assert "httpx" == picker.value
    wire.type(picker, value="python")

    block = form.of(CopyField, kind="block")
    assert 'cm.connect("github")' in block.text
    assert block.text == form.of(CopyField, kind="button").text


def test_the_history_is_shown_five_at_a_time(details, broker):
    """In words; newest first."""
    for n in reversed(range(12)):
        broker.note("github", "sam", "use", ago=timedelta(hours=n), detail=f"book {n}")
    broker.note("github", "priya", "refresh", result="failed")
    form = details()
    assert "Access token refreshed (failed)" in form.html()
    assert "book 11" not in form.html()

    form.press("Show more")

    assert "Used: book 11" in form.html()
    assert "Show more" not in [w.description for w in _visible_buttons(form)]


def _visible_buttons(form):
    found = [w for w in form.all() if isinstance(w, ipywidgets.Button)]
    return [w for w in found if w.layout.display != "none"]


def test_where_it_is_used_is_shown(details, broker):
    """Place, person, last."""
    broker.note_use("github", "sam", "daily.ipynb", ago=timedelta(days=1))

    html = details().html()

    assert "Where it is used" in html
    assert "<td>daily.ipynb</td><td>sam</td><td>yesterday</td>" in html


def test_test_answers_on_the_spot(screen, broker):
    """Account and latency; or why not."""
    form, _ = screen
    form.press("Test")
    assert "GitHub answered as priya-n in 42 ms." in form.html()

    broker.unreachable = BrokerUnavailable("No server answers")
    form.press("Test")
    assert "No server answers." in form.html()


def test_other_actions_are_other_screens(screen):
    """Edit at once, Revoke and Delete behind ⋯."""
    form, asked = screen
    assert form.of(FoldHead, kind="more").label == "More actions for GitHub"
    for words in ("Edit", "Revoke", "Delete"):
        form.press(words)

    assert [("edit", "github"), ("revoke", "github"), ("delete", "github")] == asked


def test_details_lead_back_to_the_list(details):
    """To the row they came from."""
    form = details()

    form.press("← Connections")

    assert form.of(ConnectionList)


def test_enable_comes_back_to_the_list_and_says_so(details, broker, wire):
    """The row has the focus."""
    form = details("acme-crm")

    form.press("Enable")

    listing = form.of(ConnectionList)
    wire.receive(listing, do="ready")
    rows = wire.last(listing, "rows")
    assert ("acme-crm", "‘Acme CRM’ is enabled.") == (
        rows["focus"],
        rows["said"]["text"],
    )


def test_an_enabling_that_is_refused_is_said(details, broker):
    """In its place."""
    form = details("acme-crm")
    broker.unreachable = BrokerUnavailable("No server answers")

    form.press("Enable")

    assert "No server answers." in form.html()


def test_internal_connections_offer_only_what_they_allow(details, broker):
    """Revoke; no Edit, no Delete."""
    assert {"← Connections", "Revoke"} == set(details("slack-tasks").buttons()) - {
        "Show more"
    }


def test_what_cannot_be_learned_is_left_out(hold, broker, fakes):
    """The facts that are known are shown."""
    there = broker.connection("github")
    broker.unreachable = BrokerUnavailable("No server answers")

    form = hold(connection_details(broker, there, clock=lambda: fakes.NOW))

    assert "priya" in form.html()
    assert "Allowed hosts" not in form.html()


def test_the_text_twin_has_facts_code_and_history(details, broker):
    """For a terminal."""
    broker.note("github", "sam", "use", detail="daily.ipynb")

    text = details().stage.text()

    assert "GitHub (github)" in text
    assert "Whose credentials  priya (you), account priya-n" in text
    assert "%%connection github" in text
    assert "Used: daily.ipynb" in text
