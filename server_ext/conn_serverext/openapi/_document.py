"""The whole document: every route of REST, its methods, and what they say."""

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, Final

from .._routes import ROUTES
from ._operation import Asked, Operation
from ._operations import OPERATIONS
from ._responses import refusals, responses
from ._schemas import in_markdown, schemas
from ._yaml import as_yaml

_REST: Final = "api/v1/"
#: A part of a route's pattern that the address decides.
_GROUP: Final = re.compile(r"\(([^()]+)\)")
_ANYTHING: Final = "[^/]+"
#: What is not ours to read, at the end of a pattern.
_THE_REST: Final = ".*"
_ABOUT: Final = """\
Connections to third-party services, as this Jupyter server keeps them.

Programs send the server's token, or a kernel's own bearer, in an `Authorization` header.
A browser that is logged in may ask too, from pages of this very origin, with Jupyter's
`_xsrf` cookie in an `X-XSRFToken` header where something changes. Secrets are
write-only; access tokens are handed to programs alone.

Bodies are JSON objects with an `application/json` content type; a member that is not
known is refused. Times are RFC 3339 in UTC. `{name}` is a link name, a display name, or
`owner/link_name`, percent-encoded as one part of the path.
"""
_PARAMETERS: Final = {
    "service_id": "A service's id.",
    "name": "A connection: link name, display name, or `owner/link_name`, "
    "percent-encoded as one part of the path.",
    "flow": "The id of an attempt to authorize.",
    "grant_id": "The id of a grant.",
    "path": "The path at the service, as it is sent; slashes are part of it, and a query "
    "may follow.",
}


@functools.cache
def document_text(server: str) -> str:
    """Return the document as YAML.

    Args:
        server: What the addresses of this server begin with.
    """
    return as_yaml(document(server))


def document(server: str) -> dict[str, Any]:
    """Return the document.

    Args:
        server: What the addresses of this server begin with.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter-connections",
            "version": version("jupyter-connections"),
            "description": _ABOUT,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": server}],
        "security": [{"token": []}, {"browser": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas(),
            "responses": refusals(),
            "parameters": {
                name: _part(name, words) for name, words in _PARAMETERS.items()
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The server's token, or a kernel's bearer.",
                },
                "browser": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-XSRFToken",
                    "description": "Beside the cookies of who is logged in.",
                },
            },
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, path, verb in operations():
        described = OPERATIONS[f"{method} {path}"]
        whole = paths.setdefault(f"/{_REST}{path}", {})
        whole[method.lower()] = _operation(described, path=path, verb=verb)
    return paths


def operations() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield method, address below ``api/v1/`` and handler of all that REST can do."""
    for pattern, handler in ROUTES:
        if pattern.startswith(_REST):
            for method in handler.SUPPORTED_METHODS:
                verb = getattr(handler, method.lower())
                for path in _addresses(pattern.removeprefix(_REST), verb):
                    yield method, path, verb


def _addresses(pattern: str, verb: Callable[..., Any]) -> Iterator[str]:
    """Write a pattern as addresses: the handler names its parts, words stand for themselves."""
    group = _GROUP.search(pattern)
    if group is None:
        yield pattern.replace("\\", "").replace(_THE_REST, "{path}")
        return
    names = list(inspect.signature(verb).parameters)[1:]
    place = len(_GROUP.findall(pattern[: group.start()]))
    words = [f"{{{names[place]}}}"] if group[1] == _ANYTHING else group[1].split("|")
    for word in words:
        yield from _addresses(
            pattern[: group.start()] + word + pattern[group.end() :], verb
        )


def _operation(operation: Operation, *, path: str, verb: Any) -> dict[str, Any]:
    summary, _, more = inspect.cleandoc(verb.__doc__ or "").partition("\n\n")
    action = f"Needs the permission `{verb.action}` on `connections`."
    parts = [
        {"$ref": f"#/components/parameters/{name}"}
        for name in re.findall(r"{(\w+)}", path)
    ]
    return {
        "summary": in_markdown(summary).rstrip("."),
        "description": "\n\n".join(filter(None, (in_markdown(more), action))),
        "operationId": _id_of(path, verb),
        "tags": [re.split(r"[/.]", path)[0]],
        **({"security": [{"token": []}]} if operation.for_programs else {}),
        "parameters": [*parts, *map(_parameter, operation.asks)],
        **_body(operation),
        "responses": responses(operation, path=path),
    }


def _id_of(path: str, verb: Callable[..., Any]) -> str:
    words = re.findall(r"\w+", path)
    return "_".join((verb.__name__, *words))


def _part(name: str, words: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": words,
        "schema": schema,
    }


def _parameter(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.name,
        "in": asked.place,
        "description": asked.words,
        "schema": asked.schema,
    }


def _body(operation: Operation) -> dict[str, Any]:
    if not operation.takes:
        return {}
    schema = {"$ref": f"#/components/schemas/{operation.takes}"}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": operation.needs_body, "content": content}}
