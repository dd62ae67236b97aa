"""Screens, and the box that shows one of them at a time."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from . import _html
from ._fields import Manners

_FIRST_FIELD = (
    ".conn-body input, .conn-body select, .conn-body textarea, .conn-body button"
)
_FIRST_WRONG = (
    ".conn-invalid input, .conn-invalid select, .conn-invalid textarea, "
    ".conn-body [role=alert]"
)


class Screen:
    """One screen of a form.

    Attributes:
        panel: What is shown.
        focus: A selector of what has the focus when it opens; empty where the screen
            sees to it itself.
    """

    panel: ipywidgets.Widget
    focus: str = _FIRST_FIELD

    def text(self) -> str:
        """Return the screen for places without widgets."""
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of what the screen holds; it will not be shown again."""
        close_all(self.panel)


class Stage(ipywidgets.VBox):  # type: ignore[misc]  # it is untyped
    """The outermost box of every form; carries the look and shows one screen."""

    def __init__(self, first: Screen | None = None) -> None:
        self._manners = Manners()
        self._screen: Screen | None = None
        super().__init__([self._manners])
        self.add_class("conn-root")
        if first is not None:
            self.begin(first)

    def begin(self, screen: Screen) -> None:
        """Show the first screen."""
        self._exchange(screen)
        self._manners.focus_at_opening(screen.focus)

    def show(self, screen: Screen) -> None:
        """Show the next screen and let go of the one before."""
        if self._screen is None:
            self.begin(screen)
            return
        self._exchange(screen)
        if screen.focus:
            self._manners.focus_on(screen.focus)

    def focus_on_error(self) -> None:
        """Take the focus to the first thing that was refused."""
        self._manners.focus_on(_FIRST_WRONG)

    def end(self, words: str, *, tone: str = "muted", shape: str = "info") -> None:
        """Leave one line in the place of a finished form."""
        self._exchange(_Ended(words, tone=tone, shape=shape))

    @property
    def screen(self) -> Screen | None:
        """What is shown now."""
        return self._screen

    def text(self) -> str:
        """Return what is shown for places without widgets."""
        return "" if self._screen is None else self._screen.text()

    def close(self) -> None:
        """Close every widget in it, and stop what still runs."""
        if self._screen is not None:
            self._screen.leave()
            self._screen = None
        close_all(self._manners)
        self.layout.close()
        super().close()

    def _exchange(self, screen: Screen) -> None:
        before, self._screen = self._screen, screen
        self.children = (self._manners, screen.panel)
        if before is not None:
            before.leave()

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        return {
            "text/plain": self.text(),
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
        }


class _Ended(Screen):
    """The one line that is left."""

    def __init__(self, words: str, *, tone: str, shape: str) -> None:
        self._words = words
        line = ipywidgets.HTML(_html.closing_line(words, tone=tone, shape=shape))
        self.panel = line

    def text(self) -> str:
        return self._words


def panel(
    *,
    head: list[Any],
    body: list[Any],
    foot: list[Any],
    hint: str = "",
    beside: list[Any] | None = None,
) -> ipywidgets.VBox:
    """Put a screen together.

    Args:
        head: What stands in the head, below each other.
        body: What stands below each other in the body.
        foot: The buttons, the primary one last.
        hint: A quiet line before the buttons.
        beside: The buttons at the end of the head.
    """
    parts = [head_of(head, beside=beside), boxed(body, "conn-body", "conn-stack")]
    if foot:
        quiet = ipywidgets.HTML(_html.small(hint))
        quiet.add_class("conn-grow")
        parts.append(row([quiet, *foot], "conn-foot"))
    return boxed(parts, "conn-panel")


def head_of(children: list[Any], *, beside: list[Any] | None = None) -> ipywidgets.HBox:
    """Put the head of a screen together.

    Args:
        children: What stands below each other.
        beside: The buttons at its end.
    """
    buttons = [row(beside, "conn-inline")] if beside else []
    return row([boxed(children, "conn-grow"), *buttons], "conn-head")


def row(children: list[Any], *classes: str) -> ipywidgets.HBox:
    """Put widgets beside each other in a box of the look."""
    return _boxed(classes[0], ipywidgets.HBox(children), *classes[1:])


def button(
    words: str, on_click: Callable[[], None], *, kind: str = ""
) -> ipywidgets.Button:
    """Make a button.

    Args:
        words: A verb.
        on_click: What it does.
        kind: ``primary``, ``submit`` (what Enter does where there is no primary one),
            ``danger``, ``cancel``, ``stay`` (a cancel that has the focus), ``plain``,
            ``small``, ``do`` (the next step), ``warn`` or ``back``.
    """
    made = ipywidgets.Button(description=words)
    classes = {
        "": ("conn-btn",),
        "primary": ("conn-btn", "conn-primary"),
        "danger": ("conn-btn", "conn-danger"),
        "cancel": ("conn-btn", "conn-btn--plain", "conn-cancel"),
        "stay": ("conn-btn", "conn-cancel"),
        "plain": ("conn-btn", "conn-btn--plain"),
        "small": ("conn-btn", "conn-btn--s"),
        "do": ("conn-btn", "conn-btn--do"),
        "warn": ("conn-btn", "conn-btn--warn"),
        "submit": ("conn-btn", "conn-submit"),
        "back": ("conn-link", "conn-back"),
    }[kind]
    for name in classes:
        made.add_class(name)
    made.on_click(lambda _: on_click())
    return made


def way_back_to(
    words: str, on_click: Callable[[], None] | None
) -> list[ipywidgets.Button]:
    """Return the link back at the top of a screen.

    Args:
        words: Where it leads; empty where there is no way back.
        on_click: Goes there; None likewise.
    """
    if not words or on_click is None:
        return []
    return [button(f"← {words}", on_click, kind="back")]


def boxed(children: list[Any], *classes: str) -> ipywidgets.VBox:
    """Put widgets below each other in a box of the look."""
    return _boxed(classes[0], ipywidgets.VBox(children), *classes[1:])


def show_only_if(widget: ipywidgets.DOMWidget, *, wanted: bool) -> None:
    """Show or hide a widget."""
    widget.layout.display = None if wanted else "none"


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget and everything in it; ipywidgets leaves layout and style open."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for name in ("layout", "style"):
        if widget.has_trait(name) and (part := getattr(widget, name)) is not None:
            part.close()
    widget.close()


def _boxed(name: str, box: ipywidgets.Box, *more: str) -> ipywidgets.Box:
    for each in (name, *more):
        box.add_class(each)
    return box
