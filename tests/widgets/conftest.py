"""What the tests of the forms share: a broker in memory, and forms driven by hand."""

import json
import sys
from pathlib import Path

import comm
import ipywidgets
import pytest

# Kernels of the browser tests import from there too.
FAKES = Path(__file__).with_name("fakes")
sys.path.insert(0, str(FAKES))


@pytest.fixture(scope="session")
def fakes():
    """The broker in memory, and things to put into it."""
    import samples

    return samples


@pytest.fixture
def broker(fakes):
    """A broker with a small catalogue and a connection for each kind of row."""
    return fakes.FakeBroker(
        services=fakes.some_services(), connections=fakes.some_connections()
    )


class Wire:
    """Stands where the browser would be: sees all that is sent, and answers."""

    def __init__(self):
        self.messages = []

    def sent_by(self, widget):
        """Return the custom messages that a widget has sent."""
        return [
            data["content"]
            for model, data in self.messages
            if model == widget.model_id and data.get("method") == "custom"
        ]

    def last(self, widget, do):
        """Return the last message of a kind."""
        return [m for m in self.sent_by(widget) if m["do"] == do][-1]

    def receive(self, widget, **content):
        """Let the browser send a custom message."""
        data = {"method": "custom", "content": content}
        widget._handle_msg({"content": {"data": data}, "buffers": []})

    def type(self, widget, **traits):
        """Let the browser change traits."""
        data = {"method": "update", "state": traits}
        widget._handle_msg({"content": {"data": data}, "buffers": []})

    def everything(self):
        """Return all that went to the browser, as text."""
        return json.dumps(self.messages, default=repr)


@pytest.fixture
def wire(monkeypatch):
    """The wire of all widgets that a test makes; they are closed afterwards."""
    seen = Wire()

    class RecordingComm(comm.base_comm.BaseComm):
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **_):
            seen.messages.append((self.comm_id, data or {}))

    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    monkeypatch.setattr(ipywidgets.widgets.widget.comm, "create_comm", RecordingComm)
    yield seen
    ipywidgets.Widget.close_all()


class Form:
    """A form in the hands of a test.

    Args:
        stage: What a form function returned.
        wire: The browser's stand-in.
    """

    def __init__(self, stage, wire):
        self.stage = stage
        self._wire = wire

    def all(self):
        """Return every widget that is shown."""

        def walk(widget):
            yield widget
            for child in getattr(widget, "children", ()):
                yield from walk(child)

        return list(walk(self.stage))

    def of(self, kind, /, **traits):
        """Return the one widget of a class whose traits are these."""
        found = [
            w
            for w in self.all()
            if isinstance(w, kind)
            and all(getattr(w, name) == value for name, value in traits.items())
        ]
        assert len(found) == 1, found
        return found[0]

    def press(self, words):
        """Press a button."""
        self.of(ipywidgets.Button, description=words).click()

    def buttons(self):
        """Return the words of all buttons."""
        return [w.description for w in self.all() if isinstance(w, ipywidgets.Button)]

    def html(self):
        """Return the static pieces that are visible, as one text."""
        return "\n".join(
            w.value
            for w in self.all()
            if isinstance(w, ipywidgets.HTML) and w.layout.display != "none"
        )


@pytest.fixture
def hold(wire):
    """Takes a form into a test's hands: ``hold(new_connection_form(broker))``."""
    return lambda stage: Form(stage, wire)
