"""Edit, and the questions before something stops working."""

from datetime import timedelta

import pytest

from conn_core.errors import BrokerUnavailable
from conn_widgets import (
    CheckField,
    Field,
    OpenLink,
    ScopePicker,
    confirm_form,
    edit_form,
)


@pytest.fixture
def editing(hold, broker):
    return hold(edit_form(broker, broker.connection("github")))


def test_name_and_scopes_are_there_to_change(editing):
    """As they are now; the rest is shown with a lock."""
    assert "GitHub" == editing.of(Field).value
    assert ["repo", "read:user"] == editing.of(ScopePicker).value
    assert "Cannot be changed after creation" in editing.html()
    assert "No, everybody uses priya’s" in editing.html()


def test_a_new_scope_announces_that_consent_is_needed(editing, wire):
    """Before Update is pressed; taking it back takes the note back."""
    picker = editing.of(ScopePicker)
    wire.type(picker, value=["repo", "read:user", "workflow"])
    assert "Workflows is new." in editing.html()

    wire.type(picker, value=["repo", "read:user"])
    assert "is new" not in editing.html()


def test_what_was_granted_is_shown_against_what_was_asked(hold, fakes):
    """Where the service gave less than was asked for."""
    partly = fakes.a_connection(granted_scopes=("read:user",))
    broker = fakes.FakeBroker(services=[fakes.a_service()], connections=[partly])

    form = hold(edit_form(broker, "github"))

    assert "GitHub granted 1 of 2 scopes." in form.html()
    assert "Not granted: Repositories, public and private." in form.html()


def test_an_update_with_new_scopes_goes_on_to_authorize(editing, wire, broker):
    """Until consent the connection needs authorization."""
    wire.type(editing.of(ScopePicker), value=["repo", "workflow"])

    editing.press("Update")

    assert "needs authorization" == broker.connection("github").status
    assert editing.of(OpenLink)


def test_an_update_of_the_name_is_done_at_once(editing, wire, broker):
    """The link name stays."""
    wire.type(editing.of(Field), value="GitHub, spend reports")

    editing.press("Update")

    assert "GitHub, spend reports" == broker.connection("github").name
    assert "‘GitHub, spend reports’ is updated." == editing.stage.text()


def test_a_taken_name_is_refused_beside_it(editing, wire):
    """As in the form that creates."""
    wire.type(editing.of(Field), value="Finance sheet")

    editing.press("Update")

    assert "Finance sheet" in editing.of(Field).error


def test_an_empty_name_is_refused_beside_it(editing, wire):
    """Nothing is sent."""
    wire.type(editing.of(Field), value=" ")

    editing.press("Update")

    assert "Must not be empty." == editing.of(Field).error


def test_somebody_elses_change_is_not_overwritten(editing, wire, broker):
    """The version that was read goes with the change."""
    broker.revoke("github")
    broker.enable("github")
    wire.type(editing.of(Field), value="Mine")

    editing.press("Update")

    assert "changed by somebody else" in editing.html()
    assert "GitHub" == broker.connection("github").name


def test_scopes_that_the_service_does_not_list_are_kept(hold, fakes):
    """Somebody named them in code."""
    broker = fakes.FakeBroker(
        services=[fakes.a_service()],
        connections=[fakes.a_connection(scopes=("repo", "beta:scope"))],
    )
    form = hold(edit_form(broker, "github"))

    picker = form.of(ScopePicker)
    assert ["repo", "beta:scope"] == picker.value
    assert "beta:scope" in [scope["name"] for scope in picker.scopes]


def test_the_question_says_what_stops_working(hold, broker, fakes):
    """The cell, and where it is used, by whom."""
    broker.note_use("github", "sam", "daily-report.ipynb", ago=timedelta(days=3))
    broker.note_use("github", "priya", "spend-check.ipynb", ago=timedelta(hours=2))

    form = hold(confirm_form(broker, "github", "revoke", clock=lambda: fakes.NOW))

    assert "Revoke GitHub?" in form.html()
    assert "%%connection github</span> in every notebook" in form.html()
    assert ">spend-check.ipynb</span>, used 2 hours ago" in form.html()
    assert ">daily-report.ipynb</span>, used by sam 3 days ago" in form.html()
    assert [".conn-cancel"] == [form.stage.screen.focus]
    assert "daily-report.ipynb, used by sam" in form.stage.text()


def test_what_stops_working_has_at_most_five_lines(hold, broker):
    """The rest is counted; a place without a name is said as such."""
    broker.note_use("github", "sam", "elsewhere", ago=timedelta(seconds=5))
    for n in range(20):
        broker.note_use(
            "github", "sam", f"book {n}.ipynb", ago=timedelta(minutes=n + 1)
        )

    form = hold(confirm_form(broker, "github", "revoke"))

    assert 5 == form.html().count("<li>")
    assert "A program that says no name" in form.html()
    assert "18 more places" in form.html()


def test_revoke_can_end_the_grant_at_the_provider_too(hold, broker, wire):
    """By a box; what the provider answered is told."""
    form = hold(confirm_form(broker, "github", "revoke"))
    box = form.of(CheckField, label="Also end the authorization at GitHub")
    assert not box.value
    wire.type(box, value=True)

    form.press("Revoke")

    assert "GitHub ended the grant." in form.stage.text()
    assert broker.connection("github").account is None


def test_delete_can_keep_the_grant_at_the_provider(hold, broker, wire):
    """By a box; without it the grant ends."""
    form = hold(confirm_form(broker, "github", "delete"))
    wire.type(form.of(CheckField, label="Keep the authorization at GitHub"), value=True)

    form.press("Yes, delete")

    assert "‘GitHub’ is deleted. GitHub kept the grant." == form.stage.text()


def test_nothing_is_promised_where_the_provider_cannot_be_told(hold, fakes):
    """No box, and the question says so."""
    broker = fakes.FakeBroker(
        services=[fakes.a_service(revocation_endpoint=None)],
        connections=[fakes.a_connection()],
    )

    form = hold(confirm_form(broker, "github", "delete"))

    assert [] == [w for w in form.all() if isinstance(w, CheckField)]
    assert "GitHub is not told." in form.html()


def test_revoke_is_done_when_it_is_confirmed(hold, broker):
    """And how to undo it is said."""
    form = hold(confirm_form(broker, "github", "revoke"))

    form.press("Revoke")

    assert "revoked" == broker.connection("github").status
    assert "Revoked. %conn enable github undoes it." == form.stage.text()


def test_delete_needs_a_yes(hold, broker):
    """The button says what it does."""
    form = hold(confirm_form(broker, "github", "delete"))

    form.press("Yes, delete")

    assert "github" not in [c.link_name for c in broker.connections().items]


def test_cancel_changes_nothing(hold, broker):
    """It has the focus when the question opens."""
    form = hold(confirm_form(broker, "github", "delete"))

    form.press("Cancel")

    assert "Nothing was changed." == form.stage.text()
    assert broker.connection("github")


def test_a_refused_deed_is_said_in_the_question(hold, broker):
    """An internal connection, or a broker out of reach."""
    form = hold(confirm_form(broker, "slack-tasks", "delete"))
    form.press("Yes, delete")
    assert "cannot be edited or deleted" in form.html()

    broker.unreachable = BrokerUnavailable("No server answers")
    form.press("Yes, delete")
    assert "No server answers." in form.html()
