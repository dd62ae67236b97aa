"""The small bodies of requests that only REST has. Import it where it is used: pydantic."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

_MOST_SCOPES: Final = 200
_LARGEST_NUMBER: Final = 2**63 - 1


class _Body(BaseModel):
    """Nothing is converted, stripped or ignored: programs mean what they send."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(_Body):
    """No member: the address says it all."""


class Sources(_Body):
    """Where to learn about a service from; exactly one of them.

    Attributes:
        issuer: An authorization server that describes itself (RFC 8414).
        openapi: An OpenAPI document, JSON or YAML.
        toml: A service that was exported.
    """

    issuer: str | None = None
    openapi: str | None = None
    toml: str | None = None


class InternalUse(_Body):
    """What a built-in task needs of its internal connection.

    Attributes:
        scopes: Those it has not yet are added; none is dropped.
        parameters: Values for the service's blanks.
    """

    scopes: list[str] = []
    parameters: dict[str, str] = {}


class Revocation(_Body):
    """How a connection is revoked.

    Attributes:
        at_provider: Also end the grants at the provider (RFC 7009).
    """

    at_provider: bool = False


class Sealing(_Body):
    """Whether a connection's credential stays with the broker.

    Attributes:
        sealed: False lends its owner's kernels the token again.
    """

    sealed: bool = True


class Transfer(_Body):
    """Whose a connection becomes.

    Attributes:
        to: The person; they authorize it anew.
    """

    to: Annotated[str, Field(min_length=1, max_length=256)]


class Trial(_Body):
    """How a connection is tested.

    Attributes:
        timeout: Seconds to wait for an answer.
    """

    timeout: Annotated[float, Field(gt=0, le=60)] = 10


class Activity(_Body):
    """Whether a schedule runs.

    Attributes:
        active: False lets it rest, true lets it go on.
    """

    active: bool


class TokenQuestion(_Body):
    """What a client needs a token for.

    Attributes:
        require: Scopes without which the call is pointless.
        rejected: The generation that an API answered 401 to; one refresh follows.
    """

    require: Annotated[list[str], Field(max_length=_MOST_SCOPES)] = []
    rejected: Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)] | None = None


class SigningQuestion(_Body):
    """What is signed of a request (RFC 5849 3.4.1).

    Attributes:
        method: The request's method.
        url: Where it goes, with its query.
        content_type: Of its form; empty where it has none.
        form: The form itself.
    """

    method: Annotated[str, Field(pattern=r"^[A-Za-z]{1,20}$")]
    url: str
    content_type: str = ""
    form: str = ""
