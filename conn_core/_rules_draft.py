"""What people fill in about the requests of a connection."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ._rules import Rules

_Method = Annotated[str, Field(pattern=r"^[A-Za-z]{1,20}$")]
_Path = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^/[^\s?#]*$")]
#: They show a credential to others, or are no requests at all (RFC 9110 9.3.6, 9.3.8).
_NEVER = frozenset({"TRACE", "CONNECT"})


class RulesDraft(BaseModel):
    """Which requests a connection may be used for; they hold where it is sealed.

    Attributes:
        methods: HTTP methods, such as ``GET``; any where there is none.
        paths: Paths from the API's host on, such as ``/v2/orders``, each with what is
            below it; ``*`` stands for anything. Any where there is none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    methods: Annotated[tuple[_Method, ...], Field(max_length=20)] = ()
    paths: Annotated[tuple[_Path, ...], Field(max_length=50)] = ()

    @field_validator("methods")
    @classmethod
    def _methods_are_sent(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(method.upper() for method in value))
        if not _NEVER.isdisjoint(named):
            msg = "TRACE and CONNECT are never sent"
            raise ValueError(msg)
        return named

    def value(self) -> Rules:
        """Return the rules as the broker keeps them."""
        return Rules(methods=self.methods, paths=self.paths)
