"""The parts of a service: its scopes, what people type, and the blanks in its addresses."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ._urls import check_host_pattern


class _Part(BaseModel):
    """Unknown members are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Scope(_Part):
    """One permission a service can give.

    Attributes:
        name: What the provider calls it.
        display_name: What people read; the name when empty.
        read_only: It lets nothing be changed.
    """

    name: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\s\"\\]+$")]
    display_name: Annotated[str, Field(max_length=200)] = ""
    read_only: bool = False


class CredentialField(_Part):
    """Something that a person types to prove who they are, such as an API key.

    Attributes:
        name: What the service's headers and queries write as ``{name}``.
        display_name: What people read.
        secret: It is typed unseen and never shown again.
        optional: It may be left out.
        default: What is used when it is left out.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    display_name: Annotated[str, Field(max_length=100)] = ""
    secret: bool = True
    optional: bool = False
    default: str = ""
    help: Annotated[str, Field(max_length=400)] = ""


class ServiceParameter(_Part):
    """A blank in a service's addresses, such as a sub-domain; written ``{name}``.

    Attributes:
        filled_by: Who fills it: a person, the answer that the browser brings back, the
            answer of the token endpoint, or the choice made for another blank. A person
            is asked for the first kind only.
        host_suffixes: For a whole host: what it must end with, such as ``.example.com``.
        names_host: It is a whole host, and any: a server of one's own. Credentials go
            there, so a form asks for it in so many words, and nothing stands in for it.
        follows: Which blank's choice decides this one.
        values: … and what each choice means here.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    display_name: Annotated[str, Field(max_length=100)] = ""
    pattern: Annotated[str, Field(max_length=200)] = r"[a-z0-9-]{1,63}"
    choices: tuple[str, ...] = ()
    default: str = ""
    example: str = ""
    help: str = ""
    filled_by: Literal["person", "callback", "answer", "choice"] = "person"
    host_suffixes: tuple[str, ...] = ()
    names_host: bool = False
    follows: str = ""
    values: dict[str, str] = {}

    def accepts(self, value: str) -> bool:
        """Tell whether ``value`` may fill this blank."""
        if self.choices:
            return value in self.choices
        if self.follows:
            return value in self.values.values()
        if self.names_host:
            host, _, port = value.partition(":")
            return _is_host(host) and (not port or port.isdecimal())
        if self.host_suffixes:
            return _is_host(value) and value.endswith(self.host_suffixes)
        return re.fullmatch(self.pattern, value) is not None


def _is_host(text: str) -> bool:
    try:
        check_host_pattern(text)
    except ValueError:
        return False
    return not text.startswith("*.") and ":" not in text
