"""What a terminal shows: as wide as it is, in colours if it has any."""

import os
import sys
from collections.abc import Callable
from typing import Any, Final, TextIO

from ._spoken import as_command
from ._style import TONE_OF_STATUS
from ._text import Manner, as_text, columns
from ._views import View

#: A file or a pipe is as wide as a line is long.
_ENDLESS: Final = 1_000_000
_USUAL: Final = 80
#: ECMA-48: bold, faint, and the colours that every theme can read.
_COLOURS: Final = {
    "title": "1",
    "head": "1",
    "note": "2",
    "command": "36",
    "ok": "32",
    "todo": "33",
    "bad": "31",
    "off": "2",
}


def manner_of(stream: TextIO) -> Manner:
    """Return how blocks are written to a stream of this process.

    Args:
        stream: ``sys.stdout`` or ``sys.stderr``.
    """
    if not stream.isatty():
        return Manner(width=_ENDLESS, speak=as_command)
    width = columns(_USUAL)
    # https://no-color.org
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Manner(width=width, speak=as_command)
    return Manner(width=width, speak=as_command, paint=painted)


def painted(text: str, look: str) -> str:
    """Colour a text."""
    colour = _COLOURS.get(TONE_OF_STATUS.get(look, look))
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text


def written(thing: Any, stream: TextIO) -> str:
    """Return an answer as a stream shows it."""
    if isinstance(thing, View):
        return as_text(thing.blocks, manner_of(stream))
    return as_command(repr(thing))


def shown_on(stream: TextIO) -> Callable[[Any], None]:
    """Return what shows things on a stream while a verb still works."""
    return lambda thing: print(written(thing, stream), file=stream, flush=True)


def said_on(stream: TextIO) -> Callable[[str], None]:
    """Return what says progress on a stream; nothing where nobody looks."""

    def say(text: str) -> None:
        if stream.isatty():
            print(text, end="", file=stream, flush=True)

    return say


def ask_at_terminal(question: str) -> str:
    """Ask for one line. The question is no part of the answer that may be piped on."""
    print(question, end="", file=sys.stderr, flush=True)  # noqa: T201 - for people
    return input()
