"""The predefined services: ours, and those that the operator adds."""

import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path

from .._services import Service
from ._entry import Entry, entry_of, holds
from ._files import clash, read_all
from ._index import INDEX, searched

#: Sorts the best known first, and leaves the order of names otherwise.
_how_unknown = attrgetter("unknown")


class Catalog:
    """The predefined services. Files are read when the first service is asked for.

    Args:
        paths: Files, or folders of ``*.toml`` files, with services to add to ours.
    """

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._paths = tuple(paths)
        self._loaded: dict[str, Entry] | None = None
        self._services: dict[str, Service] = {}
        self._loading = threading.Lock()

    def get(self, service_id: str) -> Service | None:
        """Return a service, or None when there is none of this id.

        Raises:
            InvalidInput: If a catalogue file of the operator is wrong.
        """
        entry = self._entries().get(service_id)
        return None if entry is None else self._service_of(entry)

    def search(
        self,
        query: str = "",
        *,
        category: str | None = None,
        offset: int = 0,
        limit: int = 24,
        besides: Collection[str] = (),
    ) -> tuple[list[Service], int]:
        """Find services by the beginnings and parts of words.

        Args:
            query: Words that must all occur in name, id, category or description;
                empty finds everything.
            category: Only services of this category.
            offset: How many of the best to leave out.
            limit: How many to return.
            besides: The ids of services to leave out.

        Returns:
            A page of services, best first, and how many there are in all.

        Raises:
            InvalidInput: If a catalogue file of the operator is wrong.
        """
        words = query.casefold().split()
        found = list(self._entries().values())
        if besides:
            found = [entry for entry in found if entry.id not in besides]
        if category is not None:
            found = [entry for entry in found if entry.category == category]
        for word in words:
            found = [entry for entry in found if word in entry.text]
        total, end = len(found), offset + limit
        if words:
            found.sort(key=_how_unknown)
            found = list(islice(_best_first(found, words), end))
        return [self._service_of(entry) for entry in found[offset:end]], total

    def categories(self) -> list[str]:
        """Return the categories that have services, sorted."""
        return sorted({entry.category for entry in self._entries().values()} - {""})

    def names(self) -> Iterator[tuple[str, str]]:
        """Return ids and names of all services, the names case folded."""
        return ((entry.id, entry.name) for entry in self._entries().values())

    def ids(self) -> list[str]:
        """Return the ids of all services, sorted."""
        return sorted(self._entries())

    def _service_of(self, entry: Entry) -> Service:
        if entry.id not in self._services:
            self._services[entry.id] = entry.service()
        return self._services[entry.id]

    def _entries(self) -> dict[str, Entry]:
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = _load(self._paths)
        return self._loaded


def _best_first(found: Iterable[Entry], words: Sequence[str]) -> Iterator[Entry]:
    """Sort by how well a query is answered; no further than anybody looks.

    Args:
        found: What answers it at all, the best known first.
        words: The words of the query.
    """
    query, spaced = " ".join(words), [f" {word}" for word in words]
    better: tuple[Callable[[Entry], bool], ...] = (
        lambda entry: query in {entry.id, entry.name},
        lambda entry: entry.name.startswith(query) or entry.id.startswith(query),
        lambda entry: holds(entry.title, spaced),
        lambda entry: holds(entry.title, words),
        lambda entry: holds(entry.text, spaced),
    )
    for answers_well in better:
        left = []
        for entry in found:
            if answers_well(entry):
                yield entry
            else:
                left.append(entry)
        found = left
    yield from found


def _load(paths: Sequence[Path]) -> dict[str, Entry]:
    """Read our index, and the operator's files after it.

    Raises:
        InvalidInput: If a file is wrong, or has a service of an id that is taken.
    """
    head, *records = INDEX.read_text(encoding="ascii").splitlines()
    entries = {
        found[0]: entry_of(found, record)
        for found, record in zip(json.loads(head), records, strict=True)
    }
    for record, path in read_all(paths):
        if record["id"] in entries:
            raise clash(record["id"], "the predefined services", path)
        entries[record["id"]] = entry_of(searched(record), record, source=path)
    ordered = sorted(entries.values(), key=lambda entry: (entry.name, entry.id))
    return {entry.id: entry for entry in ordered}
