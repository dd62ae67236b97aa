"""What is wrong with a description, beside the fields that the form has."""

from typing import Final

from conn_core import look
from conn_core.errors import ConnectionsError, InvalidInput

from ._description import Description
from ._screen import Errors

#: What an error without a field of its own is about.
_WHOLE: Final = "service"


def with_more(error: InvalidInput, wrong: dict[str, str]) -> InvalidInput:
    """Say all that is wrong at once.

    Args:
        error: What the description as a whole was refused for.
        wrong: What is wrong with single fields.
    """
    found = dict(error.fields)
    if wrong or found.keys() != {_WHOLE}:
        found.pop(_WHOLE, None)  # its fields say so themselves
    for draft, ours in (("id", "name"), ("scope_delimiter", "other_delimiter")):
        if draft in found:
            found.setdefault(ours, found.pop(draft))
    return InvalidInput(error.message, error.hint, fields=found | wrong)


def rows_of(error: ConnectionsError | None) -> set[str]:
    """Return the names of scopes that an error is about."""
    return {n for n in (error.fields if error else ()) if n.startswith("scopes.")}


def in_rows(errors: Errors, typed: Description) -> Errors:
    """Put what is wrong with a scope beside its row."""
    found = Errors()
    for name, words in errors.items():
        parts = name.split(".")
        if parts[0] != "scopes" or len(parts) < 2:
            found[name] = words
            continue
        index = int(parts[1]) if parts[1].isdecimal() else 0
        is_ours = len(parts) == 2  # counted by rows, not by scopes
        row = index if is_ours else look.row_of_scope(typed.rows, index)
        found[f"scopes.{row}"] = words
    return found
