"""A service as a file: what one person exports, another imports or contributes.

The form is that of the catalogue's files: a ``[[service]]`` table. There is no secret
in it, and no client registration.
"""

import re
import tomllib
from typing import Any, Final

from ._services import ANSWERED, Service
from .errors import InvalidInput

_LARGEST: Final = 1024 * 1024
#: A name of that many parts: what tomllib keeps of one grows with their square.
_ENDLESS_NAME: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){16}"""
)


def service_to_toml(service: Service) -> str:
    """Write a service as a catalogue file.

    Args:
        service: The service; who described it and what is registered is left out.
    """
    import tomli_w  # noqa: PLC0415 - only who exports pays for it

    members = service.model_dump(
        mode="json", exclude=set(ANSWERED), exclude_defaults=True
    )
    return tomli_w.dumps(
        {"service": [_without_nothing(members)]}, multiline_strings=False
    )


def members_from_toml(text: str) -> dict[str, Any]:
    """Read the members of a service from a file; they are not checked yet.

    Members that only we can answer are left out: a file cannot name its owner.

    Raises:
        InvalidInput: If it is no such file, or holds more than one service.
    """
    if len(text) > _LARGEST:
        raise _refused("it is too large")
    if is_endless(text):
        raise _refused("it has a name of too many parts")
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError):  # a number may have too many digits
        raise _refused("it is no TOML") from None
    records = content.get("service")
    if content.keys() != {"service"} or not isinstance(records, list):
        raise _refused("it must hold one [[service]] table and nothing else")
    if len(records) != 1 or not isinstance(records[0], dict):
        raise _refused("it must hold one service")
    known = Service.model_fields.keys() - ANSWERED
    return {name: value for name, value in records[0].items() if name in known}


def is_endless(text: str) -> bool:
    """Tell whether a text has a name of so many parts that reading it never ends."""
    return _ENDLESS_NAME.search(text) is not None


def _without_nothing(value: Any) -> Any:
    """Leave out what TOML cannot say: there is no null."""
    if isinstance(value, dict):
        return {k: _without_nothing(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"The file does not describe a service: {why}",
        "Take one that %conn service export wrote",
        fields={"toml": why},
    )
