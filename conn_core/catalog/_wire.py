"""Requests as they arrive at a provider, and what it answers: bytes, read anew."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from ..auth import Outgoing, TokenRequest

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A request as it arrived.

    Attributes:
        headers: By lower-case name.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def of_token_request(cls, request: "TokenRequest") -> "Wire":
        """Return a request to a token endpoint as it arrives."""
        headers = {name.lower(): text for name, text in request.headers.items()}
        if request.content_type:
            headers["content-type"] = request.content_type
        return cls(
            method=request.method,
            url=request.address,
            headers=headers,
            body=request.content,
        )

    @classmethod
    def of_call(cls, request: "Outgoing") -> "Wire":
        """Return a request to an API as it arrives."""
        headers = {name.lower(): text for name, text in request.headers.items()}
        return cls(
            method=request.method,
            url=request.url,
            headers=headers,
            body=request.body or b"",
        )

    @property
    def address(self) -> str:
        """The address without its query."""
        return self.url.partition("?")[0]

    @property
    def host(self) -> str:
        """The host, with the port if there is one."""
        return urlsplit(self.url).netloc

    @property
    def query(self) -> dict[str, str]:
        """What stands in the query."""
        return _once(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def kind(self) -> str:
        """How the fields travel: ``form``, ``json`` or ``query``."""
        media = self.headers.get("content-type", "").partition(";")[0]
        return {_JSON: "json", _FORM: "form"}.get(media, "query")

    @property
    def fields(self) -> dict[str, Any]:
        """What is said, wherever it stands."""
        if self.kind == "json":
            found: dict[str, Any] = json.loads(self.body)
            return found
        if self.kind == "form":
            return _once(parse_qsl(self.body.decode(), keep_blank_values=True))
        return self.query

    @property
    def basic(self) -> str:
        """What the Basic credentials hold; empty where there are none."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(encoded).decode() if scheme == "Basic" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a provider answers; it has the shape of ``conn_core.auth.Answer``."""

    says: Mapping[str, Any] = field(repr=False)
    status: int = 200

    @property
    def headers(self) -> Mapping[str, str]:
        """The media type, and nothing else."""
        return {"content-type": _JSON}

    @property
    def body(self) -> bytes:
        """The members as JSON."""
        return json.dumps(dict(self.says)).encode()


def put(members: dict[str, Any], path: str, value: Any) -> None:
    """Put a value where a path of a service's habits leads: names and indexes."""
    *way, last = path.split(".")
    place: Any = members
    for part, following in pairwise((*way, last)):
        fresh: Any = [None] if following.isdecimal() else {}
        if isinstance(place, list):
            place[0] = fresh if place[0] is None else place[0]
            place = place[0]
        else:
            place = place.setdefault(part, fresh)
    if isinstance(place, list):
        place[0] = value
    else:
        place[last] = value


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a field is there twice"
        raise ValueError(msg)
    return found
