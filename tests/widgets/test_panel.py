"""The panel: from the list to other screens, and back to where one came from."""

from conn_widgets import OpenLink, ScopePicker, connections_panel
from conn_widgets._list import ConnectionList


def test_the_panel_says_what_became_of_a_deletion(hold, broker, wire):
    """What the provider answered, too."""
    form = hold(connections_panel(broker))
    wire.receive(form.of(ConnectionList), do="act", action="delete", name="github")
    form.press("Yes, delete")

    wire.receive(form.of(ConnectionList), do="ready")

    said = wire.last(form.of(ConnectionList), "rows")["said"]["text"]
    assert "‘GitHub’ is deleted. GitHub ended the grant." == said


def test_an_update_with_new_scopes_goes_from_the_list_to_the_consent(
    hold, broker, wire
):
    """And without new ones back to the row."""
    form = hold(connections_panel(broker))
    wire.receive(form.of(ConnectionList), do="act", action="edit", name="github")
    wire.type(form.of(ScopePicker), value=["repo", "gist"])
    form.press("Update")
    assert form.of(OpenLink)

    form.press("Cancel")
    wire.receive(form.of(ConnectionList), do="act", action="edit", name="github")
    wire.type(form.of(ScopePicker), value=["repo"])
    form.press("Update")
    wire.receive(form.of(ConnectionList), do="ready")
    rows = wire.last(form.of(ConnectionList), "rows")
    assert ("github", "‘GitHub’ is updated.") == (rows["focus"], rows["said"]["text"])
