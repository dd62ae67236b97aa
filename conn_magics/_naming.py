"""Say which option is wrong, where the core says which member of a description."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from conn_core.errors import InvalidInput

_BEGINNING = "Nothing was stored"


@contextmanager
def said_as_options(options: Mapping[str, str]) -> Iterator[None]:
    """Name options in an error about fields.

    Args:
        options: What people typed, by member: ``{"scopes": "--scope"}``.

    Raises:
        InvalidInput: The same error in other words.
    """
    try:
        yield
    except InvalidInput as error:
        if not (error.fields and error.message.startswith(_BEGINNING)):
            raise
        listed = "; ".join(
            f"{_option(field, options)}: {text}" for field, text in error.fields.items()
        )
        message = f"{_BEGINNING}: {listed}"
        raise type(error)(message, error.hint, fields=error.fields) from None


def _option(field: str, options: Mapping[str, str]) -> str:
    """Return ``--scope 2`` for ``scopes.1.name``."""
    member, *rest = field.split(".")
    option = options.get(member, field)
    is_numbered = bool(rest) and rest[0].isdecimal() and member in options
    return f"{option} {int(rest[0]) + 1}" if is_numbered else option
