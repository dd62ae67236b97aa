"""The members of a description of a service: what follows from others, and changes."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from conn_core import Service

#: How a key is sent where nothing is said, as in the form.
_KEY_PLACE: Final = {"param_name": "X-API-Key", "param_prefix": ""}
_BLANK: Final = re.compile(r"\{([a-z][a-z0-9_]{0,30})\}")


def completed(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description with what follows from it, as the form fills it in.

    Args:
        members: The description so far.
    """
    filled = dict(members)
    if filled.get("auth_type") == "api_key":
        filled = _KEY_PLACE | filled
    described = list(filled.get("parameters") or ())
    known = {dict(each)["name"] for each in described}
    new = [{"name": name} for name in _blanks_in(filled) if name not in known]
    return filled | {"parameters": [*described, *new]} if new else filled


def _blanks_in(members: Mapping[str, Any]) -> list[str]:
    """Return the blanks ``{name}`` in addresses and hosts, which people fill."""
    texts = [
        str(value)
        for name, value in members.items()
        if name.endswith("_endpoint") or name in {"api_base_url", "test_path"}
    ]
    texts += members.get("api_hosts") or ()
    return list(dict.fromkeys(name for text in texts for name in _BLANK.findall(text)))


def changed(before: "Service", changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole description of a service after a change.

    Args:
        before: The service.
        changes: The members that change.
    """
    from conn_core._services import ANSWERED

    members = before.model_dump(mode="json", exclude=set(ANSWERED))
    if "api_base_url" in changes and _only_of_base_url(before):
        del members["api_hosts"]  # they follow the base URL, as they did
    if "scopes" in changes and "default_scopes" not in changes:
        left = {dict(scope)["name"] for scope in changes["scopes"]}
        members["default_scopes"] = [s for s in before.default_scopes if s in left]
    return completed({**members, **changes})


def _only_of_base_url(service: "Service") -> bool:
    return list(service.api_hosts) == [urlsplit(service.api_base_url).netloc]
