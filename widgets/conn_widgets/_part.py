"""What every part that runs in the browser shares: its script, its icons, its look."""

import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, ClassVar, Self

import anywidget
import ipywidgets
from traitlets import Instance

from conn_core.look import icons

_OURS: Traversable = resources.files("conn_widgets") / "static"
_SHARED: Traversable = resources.files("conn_core") / "look"
#: Scripts that are no part: those that parts share, in their order, and the loader.
_SHARED_SCRIPTS = ("common.js", "list_pieces.js")
_LOADER = "loader.js"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the parts that there are."""
    found = {file.name for file in _OURS.iterdir() if file.name.endswith(".js")}
    return tuple(sorted(name[:-3] for name in found - {*_SHARED_SCRIPTS, _LOADER}))


@cache
def scripts() -> str:
    """Return one module with the scripts of all parts, each in a scope of its own."""
    drawn = json.dumps(icons(), separators=(",", ":"))
    common = "\n".join((_OURS / name).read_text("utf-8") for name in _SHARED_SCRIPTS)
    parts = "\n".join(f"{name}: (() => {{\n{_body(name)}}})()," for name in names())
    return (
        f"const ICONS = {drawn};\n{common}\n"
        f"export const parts = {{\n{parts}\n}};\nexport default {{ render() {{}} }};\n"
    )


def _body(name: str) -> str:
    written = (_OURS / f"{name}.js").read_text("utf-8")
    return written.replace("export default", "return")


@cache
def stylesheet() -> str:
    """Return the look, and what ipywidgets' own boxes need besides."""
    shared = (_SHARED / "connections.css").read_text("utf-8")
    return shared + (_OURS / "widgets.css").read_text("utf-8")


@cache
def loader(name: str) -> str:
    """Return the script of one part: it opens the library and takes its own from it."""
    if name not in names():
        raise LookupError(name)
    written = (_OURS / _LOADER).read_text("utf-8")
    lines = (line.strip() for line in written.splitlines())
    code = "".join(line for line in lines if not line.startswith("//"))
    short = code.replace(" = ", "=").replace(" => ", "=>").replace(", ", ",")
    return short.replace("[PART]", f"[{name!r}]")


class Library(anywidget.AnyWidget):  # type: ignore[misc]  # it is untyped
    """All scripts and the look. One for each kernel, so that a page gets them once."""

    _esm = scripts()
    _css = stylesheet()
    _open: ClassVar[Self | None] = None

    @classmethod
    def get(cls) -> Self:
        """Return the library; made anew when somebody has closed every widget."""
        if cls._open is None or cls._open.comm is None:
            cls._open = cls()
        return cls._open


class Part(anywidget.AnyWidget):  # type: ignore[misc]  # it is untyped
    """A part of a screen that is drawn by a script of ours."""

    library = Instance(Library).tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(self, **traits: Any) -> None:
        super().__init__(library=Library.get(), **traits)

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        """Take what was typed ahead of the button that is pressed; see ``settle``."""
        if content.get("do") == "settle":
            self.set_state(content["state"])
            return
        super()._handle_custom_msg(content, buffers)
