"""What is answered, and how a request may be refused."""

from typing import Any, Final

from conn_core.errors import ERRORS_BY_CODE

from .._api import PROBLEMS
from ._operation import TEXT, Operation

#: By status: the name of the refusal, and when it comes.
_REFUSALS: Final = {
    400: ("BadRequest", "The request cannot be read, or an authorization failed."),
    401: ("NotAuthenticated", "Nobody is logged in, and no token was sent."),
    403: ("NotAllowed", "It is somebody else's, or the server's operator forbids it."),
    404: ("NotFound", "There is no such thing, or none that you may see."),
    409: ("Conflict", "It collides with what is there, or needs a person first."),
    413: ("TooLarge", "The body is too large."),
    415: ("NotJson", "The body is not `application/json`."),
    422: ("InvalidInput", "What was sent cannot be accepted; `fields` says why."),
    423: ("Revoked", "The connection was revoked; it can be enabled again."),
    424: ("ProviderRefused", "The service refused, or a package is missing."),
    429: ("TooManyAttempts", "Too many attempts in a short time."),
    503: ("Unavailable", "The store, its key or the service cannot be reached."),
}
_EVERYWHERE: Final = (400, 401, 403, 503)
_WITH_BODY: Final = (413, 415, 422)
_VERSION: Final = {
    "description": "The version, for `If-Match`.",
    "schema": {"type": "string"},
}
_WAIT: Final = {
    "description": "Seconds until the next try.",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}


def refusals() -> dict[str, Any]:
    """Return every way to be refused, by name."""
    return {
        name: _refusal(status, words) for status, (name, words) in _REFUSALS.items()
    }


def _refusal(status: int, words: str) -> dict[str, Any]:
    codes = [code for code, kind in ERRORS_BY_CODE.items() if kind.status == status]
    if status in PROBLEMS:
        codes.append(PROBLEMS[status][0])
    listed = ", ".join(f"`{code}`" for code in sorted(set(codes)))
    headers = {"headers": {"Retry-After": _WAIT}} if status in {429, 503} else {}
    error = {"$ref": "#/components/schemas/Error"}
    return {
        "description": f"{words} Codes: {listed}.",
        **headers,
        "content": {"application/json": {"schema": error}},
    }


def responses(operation: Operation, *, path: str) -> dict[str, Any]:
    """Return what an operation answers, by status.

    Args:
        operation: The operation.
        path: Its address.
    """
    refused = {*_EVERYWHERE, *operation.refuses}
    refused.update(_WITH_BODY if operation.takes else ())
    refused.update((422,) if operation.asks else ())
    refused.update((404,) if "{" in path else ())
    return {str(operation.status): _answer(operation)} | {
        str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
        for status in sorted(refused)
    }


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.status == 204:
        return {"description": "Done."}
    headers = {"headers": {"ETag": _VERSION}} if operation.versioned else {}
    content = {operation.media_type: {"schema": _schema(operation)}}
    content |= {kind: {"schema": TEXT} for kind in operation.also}
    return {"description": "The answer.", **headers, "content": content}


def _schema(operation: Operation) -> dict[str, Any]:
    if not operation.gives:
        return TEXT
    one = {"$ref": f"#/components/schemas/{operation.gives}"}
    return _list_of(one) if operation.lists else one


def _list_of(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next_cursor", "total"],
        "properties": {
            "items": {"type": "array", "items": one},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "Where the next page begins; `null` at the end.",
            },
            "total": {"type": "integer", "description": "How many there are in all."},
        },
    }
