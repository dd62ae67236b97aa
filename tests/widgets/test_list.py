"""The Connections screen: groups, filters, rows and what their buttons do."""

import pytest

from conn_core.errors import BrokerUnavailable, ProviderUnavailable
from conn_widgets import connections_panel
from conn_widgets._list import ConnectionList


@pytest.fixture
def acted():
    return []


@pytest.fixture
def make_list(wire, fakes, acted):
    def make(broker):
        return ConnectionList(
            broker,
            on_new=lambda: acted.append("new"),
            on_action=lambda action, c: acted.append((action, c.link_name)),
            on_check=lambda *asked: acted.append(asked),
            background=lambda work: work(),
            clock=lambda: fakes.NOW,
        )

    return make


@pytest.fixture
def listing(make_list, broker):
    return make_list(broker)


def _ask(wire, listing, **asked):
    asked = {"group": "my", "query": "", "service": "", "status": ""} | asked
    wire.receive(listing, do="list", number=7, **asked)
    return wire.last(listing, "rows")


def _row(wire, listing, name, **asked):
    rows = {row["link_name"]: row for row in _ask(wire, listing, **asked)["rows"]}
    return rows[name]


def _act(wire, listing, action, name):
    wire.receive(listing, do="act", action=action, name=name)


def test_the_first_rows_come_when_the_list_is_shown(wire, listing):
    """Mine first, with the number of each group and the services in use."""
    wire.receive(listing, do="ready")
    rows = wire.last(listing, "rows")

    assert {"my": 6, "organisation": 1, "internal": 1} == rows["counts"]
    assert 6 == len(rows["rows"])
    assert ["zoho-expense", "Zoho Expense"] == list(rows["services"][-1])
    assert not rows["empty"]


def test_a_row_says_all_that_one_looks_for(wire, listing):
    """Whose, when, what, and how it is."""
    row = _row(wire, listing, "finance-sheet")

    assert ("priya (you)", "Used yesterday", "GS") == (
        row["whose"],
        row["used"],
        row["monogram"],
    )
    assert "spreadsheets.readonly, drive.file, drive.metadata.readonly" == row["scopes"]
    assert {"label": "Expires in 5 days", "icon": "clock", "tone": "soon"} == row[
        "pill"
    ]


@pytest.mark.parametrize(
    ("name", "button", "more"),
    [
        ("github", "code", ["test", "edit", "share", "revoke", "delete"]),
        (
            "zoho-expense",
            "authorize",
            ["test", "edit", "share", "code", "revoke", "delete"],
        ),
        (
            "team-slack",
            "authorize",
            ["test", "edit", "share", "code", "revoke", "delete"],
        ),
        ("acme-crm", "enable", ["test", "edit", "share", "code", "delete"]),
    ],
)
def test_the_button_of_a_row_follows_its_status(wire, listing, name, button, more):
    """What is needed next is one click away, the rest is behind ⋯."""
    row = _row(wire, listing, name)

    assert ([button], more) == (row["buttons"], row["more"])


def test_internal_rows_can_be_revoked_but_not_edited_or_deleted(wire, listing):
    """Code and Revoke, no ⋯."""
    row = _row(wire, listing, "slack-tasks", group="internal")

    assert (["code", "revoke"], []) == (row["buttons"], row["more"])


def test_a_failure_says_why(wire, listing):
    """A line below the row."""
    assert "invalid_grant" in _row(wire, listing, "team-slack")["why"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"query": "sheet"}, ["finance-sheet"]),
        ({"service": "slack"}, ["team-slack"]),
        ({"status": "revoked"}, ["acme-crm"]),
        ({"status": "connected", "query": "hub"}, ["github"]),
        ({"group": "organisation"}, ["warehouse"]),
        ({"query": "nothing like it"}, []),
    ],
)
def test_the_kernel_finds(wire, listing, asked, names):
    """By words, service, status and group."""
    found = _ask(wire, listing, **asked)

    assert names == [row["link_name"] for row in found["rows"]]
    assert (asked.get("query", ""), 7) == (found["asked"]["query"], found["number"])


def test_25_rows_come_and_then_more(make_list, fakes, wire):
    """However many there are."""
    many = [fakes.a_connection(f"c{n}", f"Connection {n:03}") for n in range(60)]
    listing = make_list(
        fakes.FakeBroker(services=[fakes.a_service()], connections=many)
    )

    first = _ask(wire, listing)
    second = _ask(wire, listing, cursor=first["next"])

    assert (25, 60, False) == (len(first["rows"]), first["total"], first["more"])
    assert (25, True) == (len(second["rows"]), second["more"])
    assert first["rows"][-1]["name"] < second["rows"][0]["name"]


def test_nothing_yet_is_an_empty_screen_not_a_failed_search(make_list, fakes, wire):
    """With the number of the organisation's, to go and see."""
    theirs = fakes.a_connection("warehouse", group="organisation", owner="sam")
    listing = make_list(fakes.FakeBroker(connections=[theirs]))

    rows = _ask(wire, listing)

    assert rows["empty"]
    assert 1 == rows["counts"]["organisation"]


def test_a_test_shows_its_result_in_the_row(wire, listing):
    """One harmless call, told where it was asked for."""
    _act(wire, listing, "test", "github")

    row = wire.last(listing, "row")["row"]
    assert {
        "tone": "ok",
        "icon": "check",
        "text": "GitHub answered as priya-n in 42 ms.",
    } == row["said"]


def test_a_test_of_what_cannot_be_used_says_why(wire, listing):
    """The broker's own words, with the command."""
    _act(wire, listing, "test", "acme-crm")

    said = wire.last(listing, "row")["row"]["said"]
    assert "bad" == said["tone"]
    assert "Run %conn enable acme-crm." in said["text"]


def test_a_provider_that_does_not_answer_is_told_in_the_row(wire, listing, broker):
    """The list stays."""
    broker.test = _raise(ProviderUnavailable("GitHub did not answer"))

    _act(wire, listing, "test", "github")

    assert "GitHub did not answer." == wire.last(listing, "row")["row"]["said"]["text"]


def test_enabling_takes_one_click(wire, listing, broker):
    """No question: nothing can break."""
    _act(wire, listing, "enable", "acme-crm")

    assert "connected" == broker.connection("acme-crm").status
    assert "Connected" == wire.last(listing, "row")["row"]["pill"]["label"]


def test_code_is_shown_in_the_row(wire, listing):
    """With the service's harmless call."""
    _act(wire, listing, "code", "finance-sheet")

    row = wire.last(listing, "row")["row"]
    assert row["showsCode"]
    assert (
        '%%connection finance-sheet\nfinance_sheet.get("/user").json()' == row["code"]
    )


@pytest.mark.parametrize("action", ["authorize", "edit", "revoke", "delete"])
def test_other_actions_lead_to_their_screens(wire, listing, acted, action):
    """The list does none of them itself."""
    _act(wire, listing, action, "github")

    assert [(action, "github")] == acted


def test_a_connection_that_has_gone_is_taken_off_the_list(wire, listing, broker):
    """Somebody deleted it in another window: the rows come again."""
    _ask(wire, listing)
    broker.delete("github")

    _act(wire, listing, "enable", "github")

    names = [row["link_name"] for row in wire.last(listing, "rows")["rows"]]
    assert "github" not in names


def test_a_broker_out_of_reach_is_said_in_the_list(wire, listing, broker):
    """With what to run."""
    broker.unreachable = BrokerUnavailable("No server answers", "Run %conn doctor")

    wire.receive(listing, do="ready")

    assert "No server answers." == wire.last(listing, "trouble")["said"]


def test_what_a_browser_sends_is_not_trusted(wire, listing):
    """A group that does not exist is the first one."""
    assert "my" == _ask(wire, listing, group="everything")["asked"]["group"]


@pytest.fixture
def panel(hold, broker, wire):
    """The whole panel; the list has been shown."""
    form = hold(connections_panel(broker))
    form.list = form.of(ConnectionList)
    return form


def test_a_row_is_revoked_after_a_question_and_keeps_the_focus(panel, wire, broker):
    """The question takes the list's place, then the list comes back to the row."""
    _act(wire, panel.list, "revoke", "github")
    assert "Revoke GitHub?" in panel.html()

    panel.press("Revoke")
    wire.receive(panel.list, do="ready")

    assert "revoked" == broker.connection("github").status
    assert "github" == wire.last(panel.list, "rows")["focus"]


def test_a_question_that_is_cancelled_changes_nothing(panel, wire, broker):
    """And the list is back."""
    _act(wire, panel.list, "delete", "github")

    panel.press("Cancel")

    assert "connected" == broker.connection("github").status
    assert panel.of(ConnectionList) is panel.list


def test_a_row_is_edited_in_the_panel(panel, wire, broker):
    """The form takes the list's place."""
    from conn_widgets import Field

    _act(wire, panel.list, "edit", "github")
    wire.type(panel.of(Field, label="Connection name"), value="Code")
    panel.press("Update")

    assert "Code" == broker.connection("github").name
    assert panel.of(ConnectionList)


def test_a_row_is_authorized_in_the_panel(panel, wire, broker):
    """And a cancelled one leads back to the list."""
    from conn_widgets import OpenLink

    _act(wire, panel.list, "authorize", "github")
    assert panel.of(OpenLink).href.endswith("flow1")

    panel.press("Cancel")

    assert panel.of(ConnectionList)


def test_a_new_connection_begins_with_the_services(panel, wire):
    """And leads back to the list."""
    from conn_widgets import ServicePicker

    wire.receive(panel.list, do="new")
    assert panel.of(ServicePicker)

    panel.press("← Connections")

    assert panel.of(ConnectionList)


def test_a_screen_that_cannot_open_says_why_in_the_list(panel, wire, broker):
    """A connection whose service is gone cannot be edited here."""
    del broker._services["github"]

    _act(wire, panel.list, "edit", "github")

    assert "no service called 'github'" in wire.last(panel.list, "trouble")["said"]


def _raise(error):
    def act(*_args, **_kwargs):
        raise error

    return act


@pytest.mark.parametrize(
    ("own", "status", "button", "more"),
    [
        (False, "connected", "code", ["test"]),
        (False, "failed", "code", ["test"]),
        (False, "needs authorization", "code", ["test"]),
        (True, "needs authorization", "authorize", ["test", "code"]),
        (True, "failed", "authorize", ["test", "code"]),
        (True, "connected", "code", ["test"]),
    ],
)
def test_rows_of_others_offer_what_one_may_do(
    make_list, wire, fakes, own, status, button, more
):
    """Their own credentials people authorize; the connection is its owner's."""
    theirs = fakes.a_connection(
        owner="sam",
        group="organisation",
        use_login_user_credentials=own,
        status=status,
    )
    listing = make_list(fakes.FakeBroker(connections=[theirs]))

    row = _row(wire, listing, "github", group="organisation")

    assert ([button], more) == (row["buttons"], row["more"])
    whose = "Each person’s own, set up by sam" if own else "sam"
    assert whose == row["whose"]


def test_H_a_row_of_somebody_else_is_not_taken_for_ones_own(
    make_list, wire, fakes, acted
):
    """Two connections of one link name have keys of their own."""
    broker = fakes.FakeBroker(services=[fakes.a_service()])
    mine = fakes.a_connection()
    theirs = fakes.a_connection(owner="sam", group="organisation")
    broker.found = {"mine": mine, "theirs": theirs}
    listing = make_list(broker)

    keys = [
        _ask(wire, listing, group=group)["rows"][0]["key"]
        for group in ("my", "organisation")
    ]

    assert ["github", "sam/github"] == keys
    _act(wire, listing, "details", "sam/github")
    assert [("details", "github")] == acted
    assert "sam" == broker.connection("sam/github").owner


def test_what_was_done_elsewhere_is_said_once(wire, listing):
    """Such as a deletion: there is no row left that could say it."""
    listing.come_back_to(None, said="‘GitHub’ is deleted.")
    wire.receive(listing, do="ready")
    assert "‘GitHub’ is deleted." == wire.last(listing, "rows")["said"]["text"]

    assert _ask(wire, listing)["said"] is None
