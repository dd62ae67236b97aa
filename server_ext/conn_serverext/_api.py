"""The base of the REST handlers: JSON in, JSON out, one table of errors."""

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from tornado import web

import conn_core
from conn_core.errors import (
    ConnectionsError,
    InvalidInput,
)

from ._as_json import as_json
from ._handler import BrokerHandler, error_of

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")

#: The largest thing that most addresses are sent is a service definition.
MAX_BODY: Final = 64 * 1024

_VERSION: Final = re.compile(r'"([1-9][0-9]{0,9})"')

#: What is said of a request that is refused before anybody looks at what it asks for.
PROBLEMS: Final = {
    400: ("bad_request", "The request cannot be read", ""),
    401: (
        "not_authenticated",
        "Nobody is logged in",
        "Log in to Jupyter, or send its token in an Authorization header",
    ),
    403: ("not_allowed", "You may not do this here", "Ask who runs this server"),
    404: ("not_found", "There is nothing at this address", ""),
    405: ("method_not_allowed", "This address does not answer that method", ""),
    413: ("too_large", "A request may have at most {most:,} bytes", ""),
    415: ("not_json", "A request must be application/json", ""),
}


class ApiHandler(BrokerHandler):
    """Answers programs and our own pages, never another site's."""

    most_bytes: ClassVar[int] = MAX_BODY

    async def prepare(self) -> None:
        """Refuse what no honest caller sends, then find out who is asking."""
        self.refuse_other_sites()
        self._refuse_odd_bodies()
        await super().prepare()

    def get_login_url(self) -> str:
        """Answer 401: a program does not follow a redirect to a log-in page."""
        raise web.HTTPError(401)

    def answer(self, value: Any, *, status: int = 200) -> None:
        """Send a value as JSON."""
        self.set_status(status)
        self.send(as_json(value))

    def send(self, text: str) -> None:
        """Send what ``as_json`` has written."""
        self.set_header("Content-Type", "application/json")
        self.finish(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send an error as ``{"code", "message", "hint"}``, with its own status."""
        error = error_of(kwargs)
        if isinstance(error, ConnectionsError):
            wait = getattr(error, "retry_after", None)
            if wait is not None:
                self.set_header("Retry-After", f"{wait:.0f}")
            if error.status == 401:
                self.set_header("WWW-Authenticate", "Bearer")
            self.answer(error.to_json(), status=error.status)
            return
        if status_code == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))
        self.answer(self._problem(status_code), status=status_code)

    def body(self) -> dict[str, Any]:
        """Return the members of the body; none when there is no body.

        Raises:
            HTTPError: If it is not a JSON object.
        """
        if not self.request.body:
            return {}
        try:
            found = json.loads(
                self.request.body,
                parse_constant=_no_constant,
                object_pairs_hook=_no_name_twice,
            )
            _refuse_half_characters(found)
        except (ValueError, RecursionError) as error:
            raise web.HTTPError(400) from error
        if not isinstance(found, dict):
            raise web.HTTPError(400)
        return found

    def read(self, kind: type[Model]) -> Model:
        """Read the body as what it has to be.

        Raises:
            HTTPError: If it is not a JSON object.
            InvalidInput: With a text for each member that is wrong.
        """
        return conn_core.read_draft(kind, self.body())

    def read_nothing(self) -> None:
        """Make sure that the body says nothing: the address says it all.

        Raises:
            InvalidInput: If it has a member.
        """
        from ._bodies import Nothing  # noqa: PLC0415 - pydantic

        self.read(Nothing)

    def text(self, name: str) -> str:
        """Return a query parameter, empty when absent."""
        return str(self.get_query_argument(name, ""))

    def one_of(self, name: str, *allowed: str) -> Any:
        """Return a query parameter that has only some values, None when absent.

        Raises:
            InvalidInput: If it has another value.
        """
        value = self.text(name)
        if value and value not in allowed:
            raise wrong(name, f"must be one of {', '.join(allowed)}")
        return value or None

    def number(self, name: str, *, usual: int, most: int) -> int:
        """Return a query parameter that counts something.

        Raises:
            InvalidInput: If it is no whole number from 1 to ``most``.
        """
        value = self.text(name) or str(usual)
        if not value.isascii() or not value.isdigit() or not 0 < int(value[:9]) <= most:
            raise wrong(name, f"must be a whole number from 1 to {most}")
        return int(value)

    def flag(self, name: str) -> bool:
        """Return a query parameter that is ``true`` or ``false``, or absent.

        Raises:
            InvalidInput: If it has another value.
        """
        return bool(self.one_of(name, "true", "false") == "true")

    def expected_version(self) -> int | None:
        """Read ``If-Match`` (RFC 9110 13.1.1): a version in quotes, or ``*``.

        Raises:
            HTTPError: If it is something else.
        """
        wanted = self.request.headers.get("If-Match", "*").strip()
        if wanted == "*":
            return None
        found = _VERSION.fullmatch(wanted)
        if found is None:
            raise web.HTTPError(400)
        return int(found.group(1))

    def answer_version(
        self, value: dict[str, Any], *, version: int, status: int = 200
    ) -> None:
        """Send a value, and its version for ``If-Match`` (RFC 9110 8.8.3)."""
        self.set_header("ETag", f'"{version}"')
        self.answer(value, status=status)

    def _problem(self, status: int) -> dict[str, str]:
        code, message, hint = PROBLEMS.get(
            status, ("internal_error", "Something went wrong in the server", "")
        )
        if self.reference:
            hint = f"Its log says more under {self.reference}"
        return {
            "code": code,
            "message": message.format(most=self.most_bytes),
            "hint": hint,
        }

    def _refuse_odd_bodies(self) -> None:
        """Ask for JSON: a page cannot send it elsewhere without asking first."""
        if len(self.request.body) > self.most_bytes:
            raise web.HTTPError(413)
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if (kind or self.request.body) and kind.lower() != "application/json":
            raise web.HTTPError(415)


def _no_constant(name: str) -> None:
    """Refuse ``NaN`` and ``Infinity``, which are not JSON (RFC 8259 6)."""
    raise ValueError(name)


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: which of them would count (RFC 8259 4)?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse_half_characters(value: Any) -> None:
    """Refuse one half of a surrogate pair: it is no text and cannot be stored."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for name, member in value.items():
            name.encode()
            _refuse_half_characters(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_half_characters(member)


def wrong(name: str, text: str) -> InvalidInput:
    """Return the error for one member or query parameter."""
    return InvalidInput(f"Nothing was done: {name}: {text}", fields={name: text})


def listed(items: Any, *, next_cursor: str | None = None, total: int) -> dict[str, Any]:
    """Return a list in the one shape that all lists have."""
    return {"items": list(items), "next_cursor": next_cursor, "total": total}
