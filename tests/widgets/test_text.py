"""The text twins, for a terminal and for notebooks without widgets."""

import pytest

import conn_widgets
from conn_core.errors import BrokerUnavailable
from conn_widgets import connections_text, services_text


def test_connections_are_a_table_of_text(broker):
    """Names, status in words, whose, when."""
    lines = connections_text(broker).splitlines()

    assert ["NAME", "LINK NAME", "STATUS", "WHOSE", "USED"] == [
        cell.strip() for cell in lines[0].split("  ") if cell
    ]
    github = next(line for line in lines if " github " in line)
    assert "Connected" in github
    assert "priya (you)" in github


def test_no_connection_yet_is_three_steps(fakes):
    """What to do, in the order to do it."""
    text = connections_text(fakes.FakeBroker())

    assert "%conn new" in text
    assert "%%connection NAME" in text


def test_many_connections_are_counted_not_printed(fakes):
    """Fifty lines, and how many more."""
    many = [fakes.a_connection(f"c{n}", f"Connection {n}") for n in range(60)]

    text = connections_text(fakes.FakeBroker(connections=many))

    assert "… and 10 more connections" in text
    assert 52 == len(text.splitlines())


def test_services_are_a_table_of_text(broker):
    """With what each is for."""
    assert "Messages, channels and files" in services_text(broker, "slack")
    assert "No service matches 'qqq'." == services_text(broker, "qqq")


def test_N18_a_name_cannot_break_out_of_its_line(fakes):
    """Control characters are blanks, long names are cut."""
    odd = fakes.a_connection(name="a\x1b[31m\nb" + "c" * 200)

    lines = connections_text(fakes.FakeBroker(connections=[odd])).splitlines()

    assert 2 == len(lines)
    assert "\x1b" not in lines[1]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda cw, b: cw.connections_panel(b), "finance-sheet"),
        (lambda cw, b: cw.new_connection_form(b), "%conn services"),
        (lambda cw, b: cw.new_connection_form(b, service="github"), "%conn new github"),
        (
            lambda cw, b: cw.new_connection_form(b, service="weather"),
            "It asks for: API key",
        ),
        (lambda cw, b: cw.authorize_form(b, "github"), "/connections/start/flow1"),
        (lambda cw, b: cw.edit_form(b, "github"), "%conn edit github"),
        (lambda cw, b: cw.confirm_form(b, "github", "delete"), "%conn delete github"),
    ],
    ids=["panel", "pick", "connect", "typed", "authorize", "edit", "confirm"],
)
def test_every_form_has_a_twin_in_text(broker, wire, make, text):
    """Where no widget can be shown, IPython prints what to run instead."""
    form = make(conn_widgets, broker)

    assert text in form._repr_mimebundle_()["text/plain"]
    assert text in repr(form)


def test_a_panel_without_a_broker_says_so_in_text_too(broker, wire):
    """One line, no traceback."""
    panel = conn_widgets.connections_panel(broker)
    broker.unreachable = BrokerUnavailable("No server answers", "Run %conn doctor")

    assert "No server answers. Run %conn doctor." == panel.text()
