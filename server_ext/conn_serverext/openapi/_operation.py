"""What can be said of one method of one address, beside what its handler says itself."""

from dataclasses import dataclass
from typing import Any, Final

TEXT: Final = {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query parameter or a header.

    Attributes:
        name: What it is called.
        words: What it means.
        schema: Its values.
        place: ``query`` or ``header``.
    """

    name: str
    words: str
    schema: Any
    place: str = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    Attributes:
        takes: The schema of the body; empty where there is none.
        needs_body: Without one nothing is meant.
        asks: Query parameters and headers.
        gives: The schema of the answer; empty where there is none.
        lists: The answer is a list of these.
        status: Of an answer that is no refusal.
        media_type: Of the answer.
        also: Other media types that the answer can be asked for in.
        versioned: The answer has an ``ETag``.
        refuses: Statuses beside those that every address, or every one of its kind, has.
        for_programs: Browsers are refused, and tokens in the address.
    """

    takes: str = ""
    needs_body: bool = False
    asks: tuple[Asked, ...] = ()
    gives: str = ""
    lists: bool = False
    status: int = 200
    media_type: str = "application/json"
    also: tuple[str, ...] = ()
    versioned: bool = False
    refuses: tuple[int, ...] = ()
    for_programs: bool = False
