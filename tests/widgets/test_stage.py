"""The box that shows one screen at a time."""

import ipywidgets
import pytest

import conn_widgets
from conn_widgets._part import Part


def test_a_form_is_a_box_with_our_look(broker, hold, wire):
    """``conn-root`` outside, ``conn-panel`` inside."""
    form = hold(conn_widgets.new_connection_form(broker, service="github"))

    assert isinstance(form.stage, ipywidgets.VBox)
    assert "conn-root" in form.stage._dom_classes
    assert "conn-panel" in form.stage.children[1]._dom_classes


def test_the_scripts_and_the_stylesheet_are_sent_once(broker, hold, wire):
    """However many parts and forms there are: each part brings a small loader only."""
    forms = [
        hold(conn_widgets.new_connection_form(broker, service="zoho-expense"))
        for _ in range(2)
    ]
    parts = [w for form in forms for w in form.all() if isinstance(w, Part)]

    assert 10 < len(parts)
    assert 1 == len({part.library.model_id for part in parts})
    assert not any(getattr(part, "_css", "") for part in parts)
    assert all(len(part._esm) < 1500 for part in parts)
    assert 1 == wire.everything().count(".conn-root .conn-panel.conn-panel")


def test_screens_that_are_left_are_closed(broker, hold, wire):
    """A long session does not pile up widgets."""
    form = hold(conn_widgets.new_connection_form(broker, service="github"))
    left = [w for w in form.all() if w not in (form.stage, form.stage.children[0])]

    form.press("Cancel")

    assert [] == [w for w in left if w.comm is not None]


def test_the_first_focus_waits_for_the_form_to_be_shown(broker, hold, wire):
    """And is asked for once: a second view does not take it away."""
    form = hold(conn_widgets.confirm_form(broker, "github", "revoke"))
    manners = form.stage.children[0]
    assert [] == wire.sent_by(manners)

    wire.receive(manners, do="ready")
    wire.receive(manners, do="ready")

    assert [{"do": "focus", "selector": ".conn-cancel", "opening": True}] == (
        wire.sent_by(manners)
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda cw, b: cw.connections_panel(b),
        lambda cw, b: cw.new_connection_form(b),
        lambda cw, b: cw.new_connection_form(b, service="zoho-expense"),
        lambda cw, b: cw.authorize_form(b, "github"),
        lambda cw, b: cw.edit_form(b, "github"),
        lambda cw, b: cw.confirm_form(b, "github", "delete"),
    ],
    ids=["panel", "pick", "connect", "authorize", "edit", "confirm"],
)
def test_no_form_uses_a_password_widget_or_a_list_of_everything(
    broker, hold, wire, make
):
    """Their values would be in every saved notebook, or in every message."""
    form = hold(make(conn_widgets, broker))
    refused = (ipywidgets.Password, ipywidgets.Dropdown, ipywidgets.Select)

    assert [] == [w for w in form.all() if isinstance(w, refused)]


def test_N11_buttons_take_no_markup(broker, hold, wire):
    """Descriptions stay text."""
    form = hold(conn_widgets.edit_form(broker, "github"))

    for button in (w for w in form.all() if isinstance(w, ipywidgets.Button)):
        assert not getattr(button, "description_allow_html", False)
