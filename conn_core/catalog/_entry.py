"""One service of the catalogue, unread: what a search looks at, and where the rest is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from .._services import Service
from ..errors import InvalidInput
from ._files import Record
from ._index import Found
from ._trusted import trusted_service

#: Set by whoever answers, never by a file.
_NOT_FROM_FILES: Final = {
    "predefined": True,
    "owner": "",
    "redirect_uri": None,
    "registered": False,
}


@dataclass(slots=True, kw_only=True)
class Entry:
    """One service. Its members stand in the order in which lists show it.

    Attributes:
        name: The display name, case folded.
        title: Name and id, as words between blanks.
        text: All that can be searched, in the same form.
        unknown: Less, the more independent sources name it.
        record: The service; a line of our own index, or what an operator's file says.
        source: The file it comes from; None for our own.
    """

    id: str
    name: str
    category: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    record: str | Record = field(repr=False)
    unknown: int = 0
    source: Path | None = None

    def service(self) -> Service:
        """Read the whole service.

        Raises:
            InvalidInput: If a member is wrong; our own are tested, an operator's may be.
        """
        if isinstance(self.record, str):
            return trusted_service(json.loads(self.record) | _NOT_FROM_FILES)
        try:
            return Service.model_validate(self.record | _NOT_FROM_FILES)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "service"
        raise InvalidInput(
            f"The service '{self.id}' of {self.source} is not usable: {where}: "
            f"{problem['msg']}",
            f"Run jupyter connections service validate {self.source}",
        )


def entry_of(
    found: Found, record: str | Record, *, source: Path | None = None
) -> Entry:
    """Make an entry.

    Args:
        found: What can be searched, as ``searched`` returned it.
        record: The whole service, unread.
        source: The file it comes from; None for our own.
    """
    service_id, name, category, description, known = found
    folded = name.casefold()
    title = f" {folded} {service_id} {service_id.replace('-', ' ')} "
    return Entry(
        id=service_id,
        name=folded,
        category=category,
        title=title,
        text=f"{title}{category} {description} ".casefold(),
        unknown=-known,
        record=record,
        source=source,
    )


def holds(text: str, words: Sequence[str]) -> bool:
    """Tell whether a text holds all words."""
    for word in words:  # noqa: SIM110 - a generator would take twice as long
        if word not in text:
            return False
    return True
