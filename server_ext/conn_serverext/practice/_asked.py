"""Reading an authorization request (RFC 6749 4.1.1, RFC 7636 4.3), before any page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from ._client_book import Clients
from ._people import DEFAULT_SCOPES, SCOPES

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST: Final = 2048

Query = Mapping[str, Sequence[str]]


class NotToBeAnswered(Exception):
    """The request cannot be sent back (RFC 6749 4.1.2.1): a page says what is wrong."""


class Refused(Exception):
    """The request is answered with an error, at the client's redirect address.

    Attributes:
        location: Where the browser goes, without the answer.
        fields: The answer.
    """

    def __init__(self, location: str, fields: Mapping[str, str]) -> None:
        super().__init__(fields["error"])
        self.location = location
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorization request that is in order.

    Attributes:
        application: What people read of whoever asks.
    """

    application: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str

    @property
    def returns_to(self) -> str:
        """The origin of the redirect address, as people and policies read it."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def answered(self, *, issuer: str, **fields: str) -> str:
        """Return where the browser goes with an answer (RFC 6749 4.1.2, RFC 9207 2)."""
        return with_answer(
            self.redirect_uri, fields | _state(self.state) | {"iss": issuer}
        )


def read_request(query: Query, clients: Clients) -> Asked:
    """Read the query of the authorize page.

    Args:
        query: Every parameter with all its values.
        clients: The registered applications.

    Raises:
        NotToBeAnswered: If it is not known where an answer could go.
        Refused: If something else is wrong.
    """
    client = clients.find(_one(query, "client_id"))
    if client is None:
        raise NotToBeAnswered(
            "The application that sent you is not registered here: its client id is "
            "another one. A practice service has a new one after each start"
        )
    uri = _one(query, "redirect_uri")
    if uri is None or not client.may_be_answered_at(uri):
        raise NotToBeAnswered(
            "The address you would be sent back to is not registered here "
            "(redirect_uri_mismatch)"
        )
    problem = _problem_of(query)
    if problem is not None:
        error, description = problem
        fields = {"error": error, "error_description": description}
        raise Refused(uri, fields | _state(_one(query, "state")))
    asked = tuple(dict.fromkeys((_one(query, "scope") or "").split()))
    return Asked(
        application=client.name,
        redirect_uri=uri,
        scopes=asked or DEFAULT_SCOPES,
        state=_one(query, "state"),
        challenge=str(_one(query, "code_challenge")),
    )


def with_answer(uri: str, fields: Mapping[str, str]) -> str:
    """Add an answer to a redirect address, keeping the query it has."""
    parts = urlsplit(uri)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + list(fields.items())
    return parts._replace(query=urlencode(pairs)).geturl()


def _problem_of(query: Query) -> tuple[str, str] | None:
    """Return the error and its description; None when all is well."""
    twice = sorted(name for name, values in query.items() if len(values) > 1)
    if twice:
        return "invalid_request", f"There twice: {', '.join(twice)}"[:200]
    if any(len(values[0]) > _LONGEST for values in query.values()):
        return "invalid_request", "A parameter is too long"
    match _one(query, "response_type"):
        case "code":
            pass
        case None:
            return "invalid_request", "response_type is missing"
        case _:
            return "unsupported_response_type", "Only response_type=code is known"
    if _one(query, "response_mode") not in {None, "query"}:
        return "invalid_request", "Only response_mode=query is known"
    if not _CHALLENGE.fullmatch(_one(query, "code_challenge") or ""):
        return "invalid_request", "A code_challenge is needed (PKCE)"
    if _one(query, "code_challenge_method") != "S256":
        return "invalid_request", "code_challenge_method must be S256"
    unknown = sorted(set((_one(query, "scope") or "").split()) - SCOPES.keys())
    if unknown:
        return "invalid_scope", "There is a scope that nobody knows here"
    return None


def _one(query: Query, name: str) -> str | None:
    values = query.get(name, ())
    return values[0] if len(values) == 1 and values[0] else None


def _state(state: str | None) -> dict[str, str]:
    return {} if state is None else {"state": state}
