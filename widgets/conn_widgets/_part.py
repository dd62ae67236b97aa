"""What every part that runs in the browser shares: its script, its icons, its look."""

import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import anywidget

_OURS: Traversable = resources.files("conn_widgets") / "static"
_SHARED: Traversable = resources.files("conn_core") / "look"


@cache
def icons() -> dict[str, list[tuple[str, dict[str, str | float]]]]:
    """Return the shapes of our icons, on a 16 px grid."""
    read: dict[str, list[tuple[str, dict[str, str | float]]]] = json.loads(
        (_OURS / "icons.json").read_text("utf-8")
    )
    return read


def script(name: str) -> str:
    """Return a part's script with what all of them share put before it."""
    drawn = json.dumps(icons(), separators=(",", ":"))
    common = (_OURS / "common.js").read_text("utf-8")
    return f"const ICONS = {drawn};\n{common}\n{(_OURS / name).read_text('utf-8')}"


def plain_script(name: str) -> str:
    """Return the script of a part that draws nothing."""
    return (_OURS / name).read_text("utf-8")


def stylesheet() -> str:
    """Return the look, and what ipywidgets' own boxes need besides."""
    shared = (_SHARED / "connections.css").read_text("utf-8")
    return shared + (_OURS / "widgets.css").read_text("utf-8")


class Part(anywidget.AnyWidget):  # type: ignore[misc]  # it is untyped
    """A part of a screen that is drawn by a script of ours."""
