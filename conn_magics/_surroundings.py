"""Is somebody there to answer, and what can be shown?"""

import importlib.util
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What this process can ask and show.

    Attributes:
        person: Somebody can answer: a notebook in use or a terminal. Off under
            nbclient, papermill, jupyter-scheduler and cron.
        widgets: Forms can be shown.
        terminal: Output goes to a terminal, not to a page.
        command: This process ends with the verb: what has begun is waited for, and
            given up when the person interrupts.
    """

    person: bool
    widgets: bool = False
    terminal: bool = False
    command: bool = False


def running_shell() -> Any:
    """Return the running IPython, None in plain Python. Imports nothing."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def look_around(shell: Any = None) -> Surroundings:
    """Find out where this process runs.

    Args:
        shell: The running IPython, None to look for it.
    """
    kernel = getattr(shell or running_shell(), "kernel", None)
    if kernel is None:
        there = sys.stdin is not None and sys.stdin.isatty()
        return Surroundings(person=there, terminal=True)
    # Every front end says with each request whether it can answer a question.
    there = bool(kernel._allow_stdin)  # noqa: SLF001 - ipykernel has no public way
    return Surroundings(
        person=there,
        widgets=there and importlib.util.find_spec("ipywidgets") is not None,
    )
