"""The predefined services: ours, and those that the operator adds."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from .._services import Service
from ..errors import InvalidInput
from ._files import Record, clash, read_all
from ._index import INDEX, searched

#: Set by whoever answers, never by a file.
_NOT_FROM_FILES: Final = {
    "predefined": True,
    "owner": "",
    "redirect_uri": None,
    "registered": False,
}
_NO_MATCH: Final = 99


@dataclass(frozen=True, slots=True)
class _Entry:
    """One service, unread: what a search looks at, and where the rest is.

    Attributes:
        name: The display name, case folded.
        title: Name and id, as words between blanks.
        text: All that can be searched, in the same form.
        record: The service; a line of JSON until somebody asks.
        source: The file it comes from; None for our own.
    """

    id: str
    name: str
    category: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    record: str | Record = field(repr=False)
    source: Path | None = None

    def rank(self, query: str, words: Sequence[str]) -> int:
        """Tell how well this service answers a query; 0 is best."""
        if not all(word in self.text for word in words):
            return _NO_MATCH
        if query in {self.id, self.name}:
            return 0
        if self.name.startswith(query) or self.id.startswith(query):
            return 1
        if all(f" {word}" in self.title for word in words):
            return 2
        if all(word in self.title for word in words):
            return 3
        return 4 if all(f" {word}" in self.text for word in words) else 5

    def service(self) -> Service:
        """Read the whole service.

        Raises:
            InvalidInput: If a member is wrong; our own are tested, an operator's may be.
        """
        record = self.record
        if isinstance(record, str):
            record = json.loads(record)
        try:
            return Service.model_validate(record | _NOT_FROM_FILES)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "service"
        raise InvalidInput(
            f"The service '{self.id}' of {self.source or 'the catalogue'} is not "
            f"usable: {where}: {problem['msg']}"
        )


class Catalog:
    """The predefined services. Files are read when the first service is asked for.

    Args:
        paths: Files, or folders of ``*.toml`` files, with services to add to ours.
    """

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._paths = tuple(paths)
        self._loaded: dict[str, _Entry] | None = None
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
    ) -> tuple[list[Service], int]:
        """Find services by the beginnings and parts of words.

        Args:
            query: Words that must all occur in name, id, category or description;
                empty finds everything.
            category: Only services of this category.
            offset: How many of the best to leave out.
            limit: How many to return.

        Returns:
            A page of services, best first, and how many there are in all.

        Raises:
            InvalidInput: If a catalogue file of the operator is wrong.
        """
        words = query.casefold().split()
        whole = " ".join(words)
        entries = self._entries()
        ranked = (
            (entry.rank(whole, words), entry.name, entry.id)
            for entry in entries.values()
            if category is None or entry.category == category
        )
        found = sorted(match for match in ranked if match[0] < _NO_MATCH)
        page = [entries[match[2]] for match in found[offset : offset + limit]]
        return [self._service_of(entry) for entry in page], len(found)

    def categories(self) -> list[str]:
        """Return the categories that have services, sorted."""
        return sorted({entry.category for entry in self._entries().values()} - {""})

    def ids(self) -> list[str]:
        """Return the ids of all services, sorted."""
        return sorted(self._entries())

    def _service_of(self, entry: _Entry) -> Service:
        if entry.id not in self._services:
            self._services[entry.id] = entry.service()
        return self._services[entry.id]

    def _entries(self) -> dict[str, _Entry]:
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = _load(self._paths)
        return self._loaded


def _load(paths: Sequence[Path]) -> dict[str, _Entry]:
    """Read our index, and the operator's files after it.

    Raises:
        InvalidInput: If a file is wrong, or has a service of an id that is taken.
    """
    head, *records = INDEX.read_text(encoding="ascii").splitlines()
    entries = {
        found[0]: _entry(found, record)
        for found, record in zip(json.loads(head), records, strict=True)
    }
    for record, path in read_all(paths):
        if record["id"] in entries:
            raise clash(record["id"], "the predefined services", path)
        entries[record["id"]] = _entry(searched(record), record, source=path)
    return entries


def _entry(
    found: Sequence[str], record: str | Record, *, source: Path | None = None
) -> _Entry:
    service_id, name, category, description = found
    folded = name.casefold()
    title = f" {folded} {service_id} {service_id.replace('-', ' ')} "
    text = f"{title}{category} {description} ".casefold()
    return _Entry(service_id, folded, category, title, text, record, source)
