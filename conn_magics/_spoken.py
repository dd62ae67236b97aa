"""The words of a place: a hint says ``%conn …`` in a notebook, and elsewhere a command."""

import re
from typing import Final

COMMAND: Final = "jupyter connections"

_WORDS: Final = (
    # What a notebook calls itself.
    (re.compile(r"This notebook runs without a user"), "Nobody is here to answer"),
    (re.compile(r"Open a notebook and run (.*), then run the job again"), r"Run \1"),
    (re.compile(r"Open a notebook and run "), "At a terminal, run "),
    (re.compile(r"(?<!%)%conn\?"), f"{COMMAND} --help"),
    (re.compile(r"(?<!%)%conn(?!\w)"), COMMAND),
    (re.compile(r"(?<!%)%pip "), "pip "),
)


def as_command(text: str) -> str:
    """Return what a notebook says in the words of the command line."""
    if "%" not in text and "notebook" not in text:
        return text
    for words, instead in _WORDS:
        text = words.sub(instead, text)
    return text
