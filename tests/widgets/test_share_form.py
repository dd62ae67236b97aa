"""Share and give away: who else may use a connection, and whose it is."""

import pytest

from conn_core.errors import BrokerUnavailable, NotAllowed
from conn_widgets import Field, Segments, connection_details, connections_panel
from conn_widgets._list import ConnectionList


@pytest.fixture
def panel(hold, broker, wire):
    """The whole panel; the list has been shown."""
    form = hold(connections_panel(broker))
    form.list = form.of(ConnectionList)

    def act(action, name="github"):
        wire.receive(form.list, do="act", action=action, name=name)

    def rows():
        wire.receive(form.list, do="ready")
        return wire.last(form.list, "rows")

    form.act, form.rows = act, rows
    return form


def _choice(form):
    return form.of(Segments, label="Who may use it")


def _names(form):
    return form.of(Field, label="People and groups")


def test_sharing_begins_with_who_may_use_it_now(panel, broker, wire):
    """Names as one types them; the list comes back and says who it is now."""
    broker.share("github", ["user:grace", "group:Sales, EMEA"])
    panel.act("share")
    assert ("named", 'grace, "group:Sales, EMEA"') == (
        _choice(panel).value,
        _names(panel).value,
    )

    wire.type(_names(panel), value="group:Data team, sam")
    panel.press("Share")

    assert ("group:Data team", "user:sam") == broker.connection("github").shared_with
    shown = panel.rows()
    said = "‘GitHub’ can be used by you, the group Data team and sam."
    assert ("github", said) == (shown["focus"], shown["said"]["text"])


@pytest.mark.parametrize(
    ("answer", "kept", "said"),
    [
        ("", (), "Only you can use ‘GitHub’ now."),
        (
            "*",
            ("*",),
            "‘GitHub’ can be used by everybody here. Everybody here may send requests.",
        ),
    ],
)
def test_it_is_shared_with_nobody_or_everybody(panel, broker, wire, answer, kept, said):
    """And what the broker says of that is told."""
    broker.share("github", ["user:grace"])
    panel.act("share")
    wire.type(_choice(panel), value=answer)

    panel.press("Share")

    assert (kept, said) == (
        broker.connection("github").shared_with,
        panel.rows()["said"]["text"],
    )


def test_how_far_sharing_goes_is_said_before(hold, fakes, wire):
    """The hosts and scopes, and in whose name."""
    mine = fakes.a_connection(api_hosts=("api.github.com", "uploads.github.com"))
    own = fakes.a_connection("each", "Each", use_login_user_credentials=True)
    broker = fakes.FakeBroker(services=[fakes.a_service()], connections=[mine, own])
    form = hold(connections_panel(broker))
    wire.receive(form.of(ConnectionList), do="act", action="share", name="github")
    html = form.html()
    assert "Others use it in your name." in html
    assert "Requests go to api.github.com and uploads.github.com, with the" in html

    form.press("Cancel")
    wire.receive(form.of(ConnectionList), do="act", action="share", name="each")
    assert "Others use it with credentials of their own." in form.html()
    assert "Requests go to" not in form.html()


@pytest.mark.parametrize(
    ("typed", "error"), [("", "Is needed."), ("two  blanks", "two in a row.")]
)
def test_names_that_are_none_are_refused_beside_them(panel, broker, wire, typed, error):
    """What was typed stays, and nothing changes."""
    panel.act("share")
    wire.type(_choice(panel), value="named")
    wire.type(_names(panel), value=typed)

    panel.press("Share")

    assert _names(panel).error.endswith(error)
    assert typed == _names(panel).value
    assert ("*",) == broker.connection("github").shared_with


def test_H16_a_refusal_that_is_about_no_name_is_said_above(panel, broker, wire):
    """Such as that everybody is for administrators."""

    def refuse(*_):
        raise NotAllowed("Only administrators may share with everybody here")

    broker.share = refuse
    panel.act("share")
    panel.press("Share")
    assert "Only administrators may share with everybody here." in panel.html()
    assert 'role="alert"' in panel.html()


def test_sharing_given_up_changes_nothing(panel, broker, wire):
    """Back to the row."""
    panel.act("share")
    wire.type(_choice(panel), value="")
    panel.press("← Connections")
    assert ("*",) == broker.connection("github").shared_with
    assert "github" == panel.rows()["focus"]


def test_the_text_twins_name_the_commands(panel):
    """With a group that has to be quoted."""
    panel.act("share")
    text = repr(panel.stage)
    assert "Now with: everybody" in text
    assert '%conn share github --with "grace,group:Data team"' in text
    panel.press("Cancel")
    panel.act("transfer")
    text = repr(panel.stage)
    assert "Give GitHub away? The authorization at GitHub ends" in text
    assert "%conn transfer github --to PERSON" in text


def _to(form):
    return form.of(Field, label="Who becomes its owner")


def test_it_is_given_away_once_what_ends_was_said(panel, broker, wire):
    """To whom, what stops until then, and what the provider answered."""
    broker.note_use("github", "sam", "daily-report.ipynb")
    panel.act("transfer")
    html = panel.html()
    assert "nobody can use it until its new owner has authorized it." in html
    assert "What stops working until it is authorized" in html
    assert "daily-report.ipynb" in html
    wire.type(_to(panel), value=" grace ")

    panel.press("Give away")

    assert "grace" == broker.connection("grace/github").owner
    said = "‘GitHub’ belongs to grace now. GitHub ended the authorization."
    assert said == panel.rows()["said"]["text"]


@pytest.mark.parametrize(
    ("typed", "error"),
    [("", "Is needed."), ("eve", "Is nobody's name here: 'eve' has")],
)
def test_it_is_given_to_nobody_who_is_not_here(panel, broker, wire, typed, error):
    """The reason stands beside the name."""
    broker.gone.add("eve")
    panel.act("transfer")
    wire.type(_to(panel), value=typed)
    panel.press("Give away")
    assert _to(panel).error.startswith(error)
    assert "priya" == broker.connection("github").owner


def test_another_refusal_is_said_above(panel, broker, wire):
    """And nothing was given."""
    panel.act("transfer")
    wire.type(_to(panel), value="grace")
    broker.unreachable = BrokerUnavailable("No server answers")
    panel.press("Give away")
    assert "No server answers." in panel.html()
    panel.press("Cancel")
    broker.unreachable = None
    assert "priya" == broker.connection("github").owner


def test_where_everybody_has_their_own_nothing_ends(hold, fakes, wire):
    """So nothing is listed."""
    own = fakes.a_connection("each", "Each", use_login_user_credentials=True)
    broker = fakes.FakeBroker(services=[fakes.a_service()], connections=[own])
    form = hold(connections_panel(broker))
    wire.receive(form.of(ConnectionList), do="act", action="transfer", name="each")
    assert "Each person keeps their own authorization." in form.html()
    assert "What stops working" not in form.html()


def test_details_offer_what_is_rarely_done(hold, broker, wire):
    """Seal and give away are behind ⋯ there; sealed, it can be undone."""
    form = hold(connection_details(broker, "github"))
    assert ["Test", "Edit", "Share", "Revoke", "Seal", "Give away", "Delete"] == [
        words for words in form.buttons() if words != "Show more"
    ][1:]

    form.press("Seal")
    assert "sealed" == broker.connection("github").exposure
    wire.receive(form.of(ConnectionList), do="ready")
    said = wire.last(form.of(ConnectionList), "rows")["said"]["text"]
    assert "‘GitHub’ is sealed: its token stays with the broker." == said

    form = hold(connection_details(broker, "github"))
    form.press("Unseal")
    assert "direct" == broker.connection("github").exposure
    wire.receive(form.of(ConnectionList), do="ready")
    assert "is not sealed" in wire.last(form.of(ConnectionList), "rows")["said"]["text"]
