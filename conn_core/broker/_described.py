"""From a row of the store to the service that somebody described."""

from functools import lru_cache

from pydantic import ValidationError

from .._services import Service
from ..errors import Tampered
from ..store import rows


def described_by(row: rows.Row) -> Service:
    """Return the service that a row describes.

    Raises:
        Tampered: If somebody wrote something else in its place.
    """
    try:
        service = _read_description(row.definition)
    except ValidationError:
        raise Tampered(
            f"The service '{row.id}' was changed outside of this program",
            "Its owner describes it again with %conn service edit",
        ) from None
    own = {"owner": row.owner, "version": row.version}
    return service.model_copy(update=own)


@lru_cache(maxsize=256)
def _read_description(text: str) -> Service:
    """Read a description; lists and searches read the same ones over and over."""
    return Service.model_validate_json(text)
