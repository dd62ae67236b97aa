"""What a form learned of a service, in words."""

import re
from typing import TYPE_CHECKING, Final, Literal

from conn_core import look

from ._description import Found

if TYPE_CHECKING:
    from conn_core import ServiceProposal

_OPENAPI: Final = re.compile(
    r"\A\s*\{|^[\"']?(openapi|swagger)[\"']?\s*:", re.MULTILINE
)


def kind_of(document: str) -> Literal["openapi", "toml"]:
    """Tell an OpenAPI document from a service that was exported."""
    return "openapi" if _OPENAPI.search(document) else "toml"


def what_was_learned(found: Found, learned: "ServiceProposal") -> list[str]:
    """Say what was found, what was kept as it was typed, and what to look at.

    Args:
        found: What came of filling the form.
        learned: What was learned.
    """
    counts = [
        *([look.counted(found.addresses, "address")] if found.addresses else []),
        *([look.counted(found.scopes, "scope")] if found.scopes else []),
        *found.filled,
    ]
    first = (
        f"Found {_listed(counts)}. Check them before you create the service."
        if counts
        else "Found nothing that was not typed already."
    )
    kept = [
        f"{label}: kept what you typed; the service says {value}."
        for label, value in found.kept
    ]
    return [first, *kept, *(look.sentence(note) for note in learned.notes)]


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]
