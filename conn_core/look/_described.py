"""What is typed into the fields of a service, as values of its description, and back."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_ADDRESSES = ("issuer", "api_base_url", "test_path")
_BLANK = re.compile(r"\{([a-z][a-z0-9_]{0,30})\}")


def hosts_from(text: str) -> list[str]:
    """Return the hosts in a list with commas or blanks."""
    return [host for host in re.split(r"[\s,]+", text) if host]


def prefix_from(text: str) -> str:
    """Return what is put before a credential: a blank follows a word."""
    prefix = text.strip()
    return f"{prefix} " if prefix[-1:].isalnum() else prefix


def shown(name: str, value: Any) -> Any:
    """Return a member as its field shows it."""
    if name == "api_hosts":
        return ", ".join(value)
    if name == "param_prefix":
        return str(value).strip()
    return value


def scopes_from(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the scopes of the rows in which something is typed."""
    read = [
        {
            "name": str(row["name"]).strip(),
            "display_name": str(row.get("display_name", "")).strip(),
            "read_only": bool(row.get("read_only", False)),
        }
        for row in rows
    ]
    return [scope for scope in read if scope["name"] or scope["display_name"]]


def scope_problems(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return what is wrong with rows, by their number."""
    names = [str(row["name"]).strip() for row in rows]
    times = Counter(names)
    found = {}
    for number, name in enumerate(names):
        if not name and str(rows[number].get("display_name", "")).strip():
            found[number] = "The name that the service knows is needed"
        elif name and times[name] > 1 and names.index(name) < number:
            found[number] = f"‘{name[:60]}’ is there twice"
    return found


def row_of_scope(rows: Sequence[Mapping[str, Any]], index: int) -> int:
    """Return the number of the row that a scope of ``scopes_from`` came from."""
    filled = [number for number, row in enumerate(rows) if scopes_from([row])]
    return filled[index]


def blanks_in(members: Mapping[str, Any]) -> list[str]:
    """Return the blanks ``{name}`` in addresses and hosts, in the order they stand."""
    texts = [
        v for k, v in members.items() if k.endswith("_endpoint") or k in _ADDRESSES
    ]
    return list(
        dict.fromkeys(
            name
            for text in (*texts, *members.get("api_hosts", ()))
            for name in _BLANK.findall(text)
        )
    )


def parameters_for(
    members: Mapping[str, Any], known: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what fills the blanks: people, when they connect, where nothing else does.

    Args:
        members: The description.
        known: Parameters that are described already; those still wanted are kept.
    """
    written = str(members)
    kept = [
        dict(parameter)
        for parameter in known
        if f"{{{parameter['name']}}}" in written
        or parameter.get("filled_by", "person") != "person"
    ]
    described = {parameter["name"] for parameter in kept}
    new = [name for name in blanks_in(members) if name not in described]
    return [*kept, *map(_asked_of_people, new)]


def _asked_of_people(name: str) -> dict[str, str]:
    """Return a parameter of which only the name is known, in words that can be read."""
    return {
        "name": name,
        "display_name": name.replace("_", " ").capitalize(),
        "help": f"What stands for {{{name}}} in the addresses of the service.",
        "example": name.replace("_", "-"),
    }
