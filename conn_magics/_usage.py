"""A mistyped line: one clean line for people, a real ``error`` output for jobs."""

import difflib
from collections.abc import Iterable
from typing import Final

#: No word of ours is longer; a secret in the wrong place is.
_LONGEST_REPEATED: Final = 24


class UsageError(Exception):
    """What was typed cannot be read.

    Not IPython's ``UsageError``, which leaves nbclient an empty message; and a command
    line reads lines too, where there is no IPython.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"UsageError: {self}"]


def did_you_mean(typed: str, known: Iterable[str], *, before: str = "") -> str:
    """Return a sentence that names the word most like ``typed``, or nothing.

    Args:
        typed: What was typed.
        known: What could have been meant.
        before: What stands before the word when it is typed.
    """
    found = difflib.get_close_matches(typed, list(known), n=1)
    return f" Did you mean {before}{found[0]}?" if found else ""


def may_be_repeated(word: str) -> bool:
    """Tell whether an error may repeat a mistyped word.

    A long one may be a secret in the wrong place.
    """
    return len(word) <= _LONGEST_REPEATED
