"""Commands that others bring: the entry-point group ``jupyter_connections.commands``.

The server side has some, and neither side imports the other. An entry is a module with
``summaries()``, what its commands do by name, and ``run(words)``, which ends with
``SystemExit``.
"""

import logging
from importlib.metadata import entry_points
from typing import Any, Final

GROUP: Final = "jupyter_connections.commands"
_LOG: Final = logging.getLogger(__name__)


class Further:
    """The commands that others bring, found when somebody asks."""

    def __init__(self) -> None:
        self._modules = [_loaded(entry) for entry in entry_points(group=GROUP)]

    def summaries(self) -> dict[str, str]:
        """Return what each does, by name, in the order people read them."""
        found: dict[str, str] = {}
        for module in self._modules:
            found |= {} if module is None else module.summaries()
        return found

    def meant_by(self, words: list[str]) -> Any:
        """Return what runs a line; None where nobody does."""
        return self._first_with({" ".join(words[:2]), words[0]})

    def group_called(self, word: str) -> Any:
        """Return what runs commands that begin with a word, such as ``key``."""
        return self._first_with({word}, beginning=True)

    def _first_with(self, wanted: set[str], *, beginning: bool = False) -> Any:
        for module in self._modules:
            names = set() if module is None else set(module.summaries())
            if beginning:
                names = {name.split()[0] for name in names}
            if names & wanted:
                return module
        return None


def _loaded(entry: Any) -> Any:
    """Return an entry's module; None where it is broken, which is not our end."""
    try:
        return entry.load()
    except Exception as error:  # noqa: BLE001 - whatever another package raises
        _LOG.warning(
            "The commands of %s cannot be used (%s)", entry.name, type(error).__name__
        )
        return None
