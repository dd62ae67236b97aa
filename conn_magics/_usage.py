"""A mistyped line: one clean line for people, a real ``error`` output for jobs."""

import difflib
from collections.abc import Iterable

from IPython.core import error


class UsageError(error.UsageError):  # type: ignore[misc]  # IPython is untyped here
    """IPython's ``UsageError``, which alone would leave nbclient an empty message."""

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
