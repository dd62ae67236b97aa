"""Commands that others bring: the entry-point group ``jupyter_connections.commands``.

The server side has some, and neither side imports the other. An entry is a module with
``summaries()``, what its commands do by name, and ``run(words)``, which ends with
``SystemExit``.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

GROUP: Final = "jupyter_connections.commands"


class Further:
    """The commands that others bring, found when somebody asks."""

    def __init__(self) -> None:
        self._entries: tuple[EntryPoint, ...] = tuple(entry_points(group=GROUP))

    def summaries(self) -> dict[str, str]:
        """Return what each does, by name, in the order people read them."""
        found: dict[str, str] = {}
        for entry in self._entries:
            found |= entry.load().summaries()
        return found

    def meant_by(self, words: list[str]) -> Any:
        """Return what runs a line; None where nobody does."""
        for entry in self._entries:
            module = entry.load()
            names = module.summaries()
            if " ".join(words[:2]) in names or words[0] in names:
                return module
        return None
