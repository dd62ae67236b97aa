"""The parts that forms are made of."""

from collections.abc import Callable
from typing import Any

from traitlets import Bool, Float, List, Unicode

from conn_core import Secret

from ._part import Part, plain_script, script, stylesheet


class Manners(Part):
    """Brings the look, the keys and the focus to the box it is in. Draws nothing."""

    _esm = plain_script("manners.js")
    _css = stylesheet()

    def __init__(self) -> None:
        super().__init__()
        self._opening: str | None = None
        self.on_msg(self._received)

    def focus_at_opening(self, selector: str) -> None:
        """Focus something as soon as the form is shown, if nobody has moved on."""
        self._opening = selector

    def focus_on(self, selector: str) -> None:
        """Focus the first visible element that a selector finds."""
        self._opening = None
        self.send({"do": "focus", "selector": selector, "opening": False})

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        selector, self._opening = self._opening, None
        if content.get("do") == "ready" and selector is not None:
            self.send({"do": "focus", "selector": selector, "opening": True})


class Field(Part):
    """One labelled input.

    Attributes:
        label: What stands above it.
        value: What was typed.
        kind: ``text``, ``code`` or ``choice``.
        choices: For ``choice``: pairs of value and words.
        help: A sentence below; ``backticks`` mark code.
        error: What is wrong, in the place of the help.
        placeholder: Shown while it is empty.
    """

    _esm = script("field.js")
    label = Unicode().tag(sync=True)
    value = Unicode().tag(sync=True)
    kind = Unicode("text").tag(sync=True)
    choices = List().tag(sync=True)
    help = Unicode().tag(sync=True)
    error = Unicode().tag(sync=True)
    placeholder = Unicode().tag(sync=True)


class CheckField(Part):
    """A box to tick, with one sentence that says what it does.

    Attributes:
        label: What it is called.
        help: What it does, and what happens without it.
        value: Whether it is ticked.
    """

    _esm = script("check_field.js")
    label = Unicode().tag(sync=True)
    help = Unicode().tag(sync=True)
    value = Bool().tag(sync=True)


class SecretField(Part):
    """An input whose value stays in the browser until it is asked for.

    It is no trait: saved notebooks, second views and ``repr`` never have it.

    Attributes:
        label: What stands above it.
        placeholder: Shown while it is empty.
        help: A sentence below.
        error: What is wrong, in the place of the help.
        filled: Something is typed.
        kind: ``password``, ``lines`` (a key of several lines) or ``address`` (shown
            while it is typed, and it stays until the screen goes).
    """

    _esm = script("secret_field.js")
    label = Unicode().tag(sync=True)
    placeholder = Unicode("Paste it here").tag(sync=True)
    help = Unicode("Stored sealed. It cannot be shown again.").tag(sync=True)
    error = Unicode().tag(sync=True)
    filled = Bool().tag(sync=True)
    kind = Unicode("password").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._take: Callable[[Secret], None] | None = None
        self.on_msg(self._received)

    def hand_over(self, take: Callable[[Secret], None]) -> None:
        """Ask the browser for what was typed; it forgets it in the same moment.

        Args:
            take: Gets it, once. Nothing is kept here.
        """
        self._take = take
        self.send({"do": "hand over"})

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        take, self._take = self._take, None
        if take is not None and isinstance(content.get("secret"), str):
            take(Secret(content["secret"]))


class FoldHead(Part):
    """A button that says whether what is below it is shown.

    Attributes:
        label: Its words.
        is_open: What is below is shown.
    """

    _esm = script("fold_head.js")
    label = Unicode().tag(sync=True)
    is_open = Bool().tag(sync=True)


class CopyField(Part):
    """A text and a button that copies it.

    Attributes:
        label: What stands above it; on the button where that stands alone.
        note: Said quietly after the label.
        text: What is copied.
        what: Completes *Copy* for screen readers.
        kind: ``line``, ``block`` (code, no button of its own) or ``button``.
    """

    _esm = script("copy_field.js")
    label = Unicode().tag(sync=True)
    note = Unicode().tag(sync=True)
    text = Unicode().tag(sync=True)
    what = Unicode().tag(sync=True)
    kind = Unicode("line").tag(sync=True)


class OpenLink(Part):
    """A real link that opens a new tab.

    Attributes:
        href: An http or https address; anything else is no link.
        label: Its words.
    """

    _esm = script("open_link.js")
    href = Unicode().tag(sync=True)
    label = Unicode().tag(sync=True)


class Waiting(Part):
    """A spinner and the time that is left; counts down in the browser.

    Attributes:
        words: What is waited for.
        seconds: How much time is left when it is made.
        trouble: Why waiting may be in vain, in the place of the words.
    """

    _esm = script("waiting.js")
    words = Unicode().tag(sync=True)
    seconds = Float().tag(sync=True)
    trouble = Unicode().tag(sync=True)


class ScopePicker(Part):
    """What a connection may do.

    Attributes:
        scopes: ``name``, ``display_name`` and ``read_only`` of each.
        usual: The names of the usual ones.
        value: The names of the chosen ones.
        error: What is wrong with the choice.
    """

    _esm = script("scope_picker.js")
    scopes = List().tag(sync=True)
    usual = List().tag(sync=True)
    value = List().tag(sync=True)
    error = Unicode().tag(sync=True)
