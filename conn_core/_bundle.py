"""Services and connections as one file, without secrets: to move or to set up anew.

TOML or JSON: a ``[[service]]`` and a ``[[connection]]`` table for each. Whoever imports
it becomes the owner, and authorizes anew.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ._drafts import ConnectionDraft, read_draft
from ._service_draft import ServiceDraft
from ._services import ANSWERED, Service
from ._toml import is_endless
from ._values import Connection
from .errors import InvalidInput

_LARGEST: Final = 1024 * 1024
_MOST: Final = 1000
#: What a file may say of a connection. Nothing of whose it is, who may use it, or what
#: proves it: all that is asked anew.
_OF_CONNECTION: Final = frozenset(
    {"service", "name", "link_name", "scopes", "use_login_user_credentials"}
    | {"parameters", "exposure", "rules"}
)
_OF_SERVICE: Final = (
    frozenset(ServiceDraft.model_fields)
    - ANSWERED
    - {
        "client_id",
        "client_secret",
    }
)
_KINDS: Final = {"service": _OF_SERVICE, "connection": _OF_CONNECTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a file describes.

    Attributes:
        services: To be described.
        connections: To be created; each of its importer, shared with nobody.
    """

    services: tuple[ServiceDraft, ...] = ()
    connections: tuple[ConnectionDraft, ...] = ()


def bundle_text(
    services: Iterable[Service], connections: Iterable[Connection], *, as_json: bool
) -> str:
    """Write services and connections without secrets, owners, accounts and ids."""
    content = {
        "service": [_service_members(each) for each in services],
        "connection": [_connection_members(each) for each in connections],
    }
    if as_json:
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    import tomli_w  # noqa: PLC0415 - only who exports pays for it

    return tomli_w.dumps(content)


def _service_members(service: Service) -> dict[str, Any]:
    members = service.model_dump(
        mode="json", exclude=set(ANSWERED), exclude_defaults=True, exclude_none=True
    )
    return {name: value for name, value in members.items() if name in _OF_SERVICE}


def _connection_members(connection: Connection) -> dict[str, Any]:
    members: dict[str, Any] = {
        "service": connection.service,
        "name": connection.name,
        "link_name": connection.link_name,
        "scopes": list(connection.scopes),
    }
    if connection.use_login_user_credentials:
        members["use_login_user_credentials"] = True
    if connection.parameters:
        members["parameters"] = dict(connection.parameters)
    if connection.exposure == "sealed":
        members["exposure"] = "sealed"
    if connection.rules:
        rules = connection.rules
        members["rules"] = {"methods": [*rules.methods], "paths": [*rules.paths]}
    return members


def read_bundle(text: str) -> Bundle:
    """Read what `bundle_text` wrote, or a person; nothing is made yet.

    Raises:
        InvalidInput: If it is no such file, or says what a file may not say: owners,
            tokens, secrets, ids.
    """
    content = _parsed(text)
    strange = sorted(content.keys() - _KINDS.keys())
    if strange:
        raise _refused(
            f"it holds '{strange[0][:40]}', and may hold services and connections"
        )
    found = {kind: _tables(content, kind) for kind in _KINDS}
    return Bundle(
        services=tuple(read_draft(ServiceDraft, each) for each in found["service"]),
        connections=tuple(
            read_draft(ConnectionDraft, each | {"shared_with": []})
            for each in found["connection"]
        ),
    )


def _tables(content: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    tables = content.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise _refused(f"each [[{kind}]] must be a table")
    if len(tables) > _MOST:
        raise _refused(f"it holds more than {_MOST} of one kind")
    for table in tables:
        strange = sorted(table.keys() - _KINDS[kind])
        if strange:
            raise _refused(f"a {kind} cannot be given '{strange[0][:40]}' by a file")
    return tables


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > _LARGEST:
        raise _refused("it is too large")
    is_json = text.lstrip().startswith("{")
    if not is_json and is_endless(text):
        raise _refused("it has a name of too many parts")
    try:
        found = (
            json.loads(text, object_pairs_hook=_each_once)
            if is_json
            else tomllib.loads(text)
        )
    except (ValueError, RecursionError):
        raise _refused("it is neither TOML nor JSON") from None
    return dict(found)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"Nothing was imported: {why}", "Take a file that %conn export wrote"
    )
