"""The parts that forms are made of."""

from collections.abc import Callable
from typing import Any

from traitlets import Bool, Dict, Float, List, Unicode

from conn_core import Secret

from ._part import Part, loader


class Manners(Part):
    """Brings the look, the keys and the focus to the box it is in. Draws nothing."""

    _esm = loader("manners")

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
        note: Said quietly after the label, such as *optional*.
        value: What was typed.
        kind: ``text``, ``code``, ``number``, ``date``, ``datetime`` or ``choice``.
        choices: For ``choice``: pairs of value and words.
        help: A sentence below; ``backticks`` mark code.
        error: What is wrong, in the place of the help.
        placeholder: Shown while it is empty.
    """

    _esm = loader("field")
    label = Unicode().tag(sync=True)
    note = Unicode().tag(sync=True)
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

    _esm = loader("check_field")
    label = Unicode().tag(sync=True)
    help = Unicode().tag(sync=True)
    value = Bool().tag(sync=True)


class Segments(Part):
    """A question with few answers, all of them in sight.

    Attributes:
        label: The question.
        choices: Pairs of value and words.
        value: The chosen one.
        help: A sentence below; ``backticks`` mark code.
        error: What is wrong, in the place of the help.
    """

    _esm = loader("segments")
    label = Unicode().tag(sync=True)
    choices = List().tag(sync=True)
    value = Unicode().tag(sync=True)
    help = Unicode().tag(sync=True)
    error = Unicode().tag(sync=True)


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

    _esm = loader("secret_field")
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


class DocumentField(Part):
    """A document to paste or to pick from disk. It is no trait: it may hold secrets.

    Attributes:
        label: What stands above it.
        placeholder: Shown while it is empty.
        help: A sentence below.
        error: What is wrong, in the place of the help.
        filled: Something is there.
    """

    _esm = loader("document_field")
    label = Unicode().tag(sync=True)
    placeholder = Unicode().tag(sync=True)
    help = Unicode().tag(sync=True)
    error = Unicode().tag(sync=True)
    filled = Bool().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._take: Callable[[str], None] | None = None
        self.on_msg(self._received)

    def hand_over(self, take: Callable[[str], None]) -> None:
        """Ask the browser for the document.

        Args:
            take: Gets it, once. Nothing is kept here.
        """
        self._take = take
        self.send({"do": "hand over"})

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        take, self._take = self._take, None
        if take is not None and isinstance(content.get("text"), str):
            take(content["text"])


class FoldHead(Part):
    """A button that says whether what is below it is shown.

    Attributes:
        label: Its words.
        kind: ``line``, or ``more`` (⋯, the label is only spoken).
        is_open: What is below is shown.
    """

    _esm = loader("fold_head")
    label = Unicode().tag(sync=True)
    kind = Unicode("line").tag(sync=True)
    is_open = Bool().tag(sync=True)


class CopyField(Part):
    """A text and a button that copies it.

    Attributes:
        label: What stands above it; on the button where that stands alone.
        note: Said quietly after the label.
        text: What is copied.
        what: Completes *Copy* for screen readers.
        kind: ``line``, ``block`` (code, no button of its own) or ``button``.
        filename: For ``button``: beside it, one saves the text under this name.
    """

    _esm = loader("copy_field")
    label = Unicode().tag(sync=True)
    note = Unicode().tag(sync=True)
    text = Unicode().tag(sync=True)
    what = Unicode().tag(sync=True)
    kind = Unicode("line").tag(sync=True)
    filename = Unicode().tag(sync=True)


class OpenLink(Part):
    """A real link that opens a new tab.

    Attributes:
        href: An http or https address; anything else is no link.
        label: Its words.
    """

    _esm = loader("open_link")
    href = Unicode().tag(sync=True)
    label = Unicode().tag(sync=True)


class Waiting(Part):
    """A spinner and the time that is left; counts down in the browser.

    Attributes:
        words: What is waited for.
        seconds: How much time is left when it is made.
        trouble: Why waiting may be in vain, in the place of the words.
    """

    _esm = loader("waiting")
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

    _esm = loader("scope_picker")
    scopes = List().tag(sync=True)
    usual = List().tag(sync=True)
    value = List().tag(sync=True)
    error = Unicode().tag(sync=True)


class ScopeRows(Part):
    """The scopes of a service, one in a row.

    Attributes:
        value: ``name``, ``display_name`` and ``read_only`` of each.
        errors: What is wrong, by number of the row (a text).
    """

    _esm = loader("scope_rows")
    value = List().tag(sync=True)
    errors = Dict().tag(sync=True)
