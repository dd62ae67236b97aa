"""When nobody is there: say what a person has to do, and where."""

from collections.abc import Iterator
from contextlib import contextmanager

from conn_core.errors import (
    AuthorizationEnded,
    AuthorizationRequired,
    InteractionRequired,
    LoginUserRequired,
    NeedsPerson,
)

from ._surroundings import look_around

_AUTHORIZING_HELPS = (AuthorizationRequired, AuthorizationEnded, LoginUserRequired)


@contextmanager
def needs_person_explained(name: str) -> Iterator[None]:
    """Turn "a person is needed" into ``InteractionRequired`` where there is none.

    Args:
        name: The connection, for the sentence.

    Raises:
        InteractionRequired: In a job, in the place of any ``NeedsPerson``.
    """
    try:
        yield
    except InteractionRequired:
        raise
    except NeedsPerson as error:
        if look_around().person:
            raise
        raise explained(error, name) from error


def explained(error: NeedsPerson, name: str) -> InteractionRequired:
    """Return what a job says instead of ``error``."""
    if isinstance(error, _AUTHORIZING_HELPS):
        return InteractionRequired(
            f"This notebook runs without a user, and '{name}' needs someone to authorize it",
            f"Open a notebook and run %conn authorize {name}, then run the job again",
        )
    todo = error.hint[:1].lower() + error.hint[1:]
    return InteractionRequired(
        f"This notebook runs without a user, and needs one: {error.message}",
        f"Open a notebook and {todo}, then run the job again" if todo else "",
    )
