"""What people fill in: the write side. Unknown members are refused."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from ._audience import plain_principal
from ._job_values import Need
from ._names import is_link_name, looks_like_a_secret, readable
from ._rules import Rules
from ._rules_draft import RulesDraft
from ._values import AskedWay, Exposure
from .errors import InvalidInput, NotEditable

Model = TypeVar("Model", bound=BaseModel)
_LONGEST_NAME = 80
ScopeName = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\s\"\\]+$")]
#: Who a connection is shared with.
Principal = Annotated[
    str,
    Field(pattern=r"^(\*|(user|group):.{1,249})$"),
    AfterValidator(plain_principal),
]
#: What a person typed to prove who they are, by field.
Typed = dict[str, Annotated[SecretStr, Field(max_length=16_384)]]


def plain_client_id(value: str) -> str:
    """Return a client id if it can be sent as it is.

    Raises:
        ValueError: If something invisible was copied with it.
    """
    if not value.isascii() or not value.isprintable():
        msg = "must be plain characters, copied exactly from the service's console"
        raise ValueError(msg)
    return value


class Draft(BaseModel):
    """What every draft has: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ConnectionDraft(Draft):
    """A connection to be created.

    Attributes:
        service: The service's id.
        name: What people will read; empty means the service's name.
        link_name: What code will write; derived from the name when absent.
        scopes: None means the service's usual ones.
        use_login_user_credentials: Each person authorizes and uses their own.
        parameters: Values for the service's blanks.
        secret: What proves who we are, by the service's credential fields, where no
            consent is asked for: an API key, a user name and password, a token.
        shared_with: Who else may use it: ``*`` (everybody here), ``user:NAME`` or
            ``group:NAME`` each; nobody when empty. Where it is not said everybody may,
            if the operator lets people share so.
        exposure: ``sealed``: the credential stays with the broker. None means direct,
            or sealed where there are rules.
        lend_token: Others may be lent the token, where the operator allows it too.
        rules: Which requests it may be used for; they hold where it is sealed.
    """

    service: Annotated[str, Field(min_length=1, max_length=63)]
    name: Annotated[str, Field(max_length=200)] = ""
    link_name: str | None = None
    scopes: tuple[ScopeName, ...] | None = None
    use_login_user_credentials: bool = False
    parameters: dict[str, Annotated[str, Field(max_length=200)]] = {}
    secret: Typed = {}
    shared_with: Annotated[tuple[Principal, ...], Field(max_length=100)] = ("*",)
    exposure: Exposure | None = None
    lend_token: bool = False
    rules: RulesDraft | None = None

    _name_is_readable = field_validator("name")(readable)

    @field_validator("link_name")
    @classmethod
    def _link_name_is_one(cls, value: str | None) -> str | None:
        if value is not None and not is_link_name(value):
            msg = "must begin with a letter and hold only a-z, 0-9, - and _"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _rules_are_held_to(self) -> Self:
        if self.exposure == "direct" and self.given_rules:
            told = "needs a sealed connection: the broker holds requests to them"
            raise InvalidInput("Nothing was stored", fields={"rules": told})
        return self

    @property
    def given_rules(self) -> Rules:
        """The rules; none where any request is allowed."""
        return Rules() if self.rules is None else self.rules.value()


class ShareDraft(Draft):
    """Whom a connection is shared with from now on; nobody when empty.

    Attributes:
        shared_with: As in ``ConnectionDraft``.
    """

    shared_with: Annotated[tuple[Principal, ...], Field(max_length=100)]


class AuthorizationDraft(Draft):
    """An authorization to be begun.

    Attributes:
        flow: How consent is to be obtained; ``auto`` chooses.
        secret: What proves who we are, where no consent is needed.
    """

    flow: AskedWay = "auto"
    secret: Typed = {}

    def revealed(self) -> dict[str, str]:
        """Return what was typed, for the one who seals it."""
        return {field: typed.get_secret_value() for field, typed in self.secret.items()}


class NeedDraft(Draft):
    """Something that a job needs: a connection, or a built-in task.

    Attributes:
        name: The connection; empty for a task.
        scopes: What must have been granted.
        task: The task, such as ``slack.post_message``.
    """

    name: Annotated[str, Field(max_length=600)] = ""
    scopes: Annotated[tuple[ScopeName, ...], Field(max_length=200)] = ()
    task: Annotated[str, Field(max_length=100)] = ""


class CheckDraft(Draft):
    """A question before a job: will it work without a person?

    Attributes:
        needs: What the job needs.
        until: Until when it has to work; only now is asked about when absent.
    """

    needs: Annotated[tuple[NeedDraft, ...], Field(max_length=500)]
    until: AwareDatetime | None = None

    def values(self) -> tuple[Need, ...]:
        """Return the needs as the broker takes them."""
        return tuple(Need(**need.model_dump()) for need in self.needs)


class PastedAddress(Draft):
    """The address that a browser was sent to, which could not come back to us."""

    address: Annotated[str, Field(min_length=1, max_length=8192)]


class ConnectionEdit(Draft):
    """A change of a connection: name and scopes, nothing else."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    scopes: tuple[ScopeName, ...] | None = None

    @field_validator("name")
    @classmethod
    def _name_is_readable(cls, value: str | None) -> str | None:
        return None if value is None else readable(value)


class ClientRegistration(Draft):
    """The client id and secret that a service's operator issued.

    A secret left out is kept.
    """

    client_id: Annotated[str, Field(min_length=1, max_length=500)]
    client_secret: Annotated[SecretStr, Field(max_length=16_384)] | None = None

    _client_id_is_plain = field_validator("client_id")(plain_client_id)


def read_draft(kind: type[Model], body: Any) -> Model:
    """Read what somebody filled in.

    Args:
        kind: The model to read.
        body: JSON-ready input from a form, a request or a command line.

    Raises:
        InvalidInput: With a text for each field that is wrong.
        NotEditable: If an edit names something that cannot be edited.
    """
    return _explained(lambda: kind.model_validate(body), kind)


def _explained(read: Callable[[], Model], kind: type[BaseModel]) -> Model:
    try:
        return read()
    except ValidationError as error:
        # include_input=False: the input may hold a secret typed into the wrong field.
        problems = error.errors(include_url=False, include_input=False)
    if kind is ConnectionEdit and any(p["type"] == "extra_forbidden" for p in problems):
        raise NotEditable(
            "Only the name and the scopes of a connection can be changed",
            "To use another service, run %conn new",
        )
    fields = dict(beside for p in problems for beside in _beside(p))
    listed = "; ".join(f"{name}: {text}" for name, text in fields.items())
    raise InvalidInput(f"Nothing was stored: {listed}", fields=fields)


def _beside(problem: Any) -> Iterator[tuple[str, str]]:
    """Return what to say beside which field; a rule about several names its own."""
    error = problem.get("ctx", {}).get("error")
    told = error.fields if isinstance(error, InvalidInput) else {}
    if not told:
        yield _where(problem["loc"]), _words(problem)
    for name, words in told.items():
        yield _where((*problem["loc"], name)), words


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(map(_shown, location)) or "service"


def _shown(part: int | str) -> str:
    """Return a member's name as it is told; a secret that stands there is not."""
    name = str(part)
    is_one = len(name) <= _LONGEST_NAME and not looks_like_a_secret(name)
    return name if is_one else "…"


def _words(problem: Any) -> str:
    """Say a pydantic problem in the words of a form."""
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "missing":
            return "is needed"
        case "extra_forbidden":
            return "is not known here"
        case "string_too_short" | "too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must have at most {limits['max_length']} characters"
        case "value_error":
            return str(limits["error"])
        case "string_pattern_mismatch":
            return "has characters that are not allowed here"
    text = str(problem["msg"])
    return text[:1].lower() + text[1:]
