"""What providers do differently from the standard. Data on a service, never a name in code."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

#: A parameter or header name of a provider.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
Text = Annotated[str, Field(max_length=1000, pattern=r"^[ -~]*$")]
#: Where a member lies in an answer: names and indexes, joined by dots.
Path = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
Paths = Annotated[tuple[Path, ...], Field(max_length=10)]
LifetimeFormat = Literal[
    "seconds", "milliseconds", "d:h:m", "date", "epoch", "epoch_milliseconds"
]

#: Headers that decide where a request goes or what it means.
_OUR_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
#: Parameters of a token request that every request sets itself.
_OUR_PARAMETERS = frozenset(
    {
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "grant_type",
        "redirect_uri",
        "refresh_token",
    }
)


class Strict(BaseModel):
    """Unknown members are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def headers_that_are_not_ours(value: dict[str, str]) -> dict[str, str]:
    """Return headers if a service may set them.

    Raises:
        ValueError: If one decides where a request goes.
    """
    taken = sorted(name for name in value if name.lower() in _OUR_HEADERS)
    if taken:
        msg = f"{', '.join(taken)} cannot be set here: every request sets it itself"
        raise ValueError(msg)
    return value


class Fact(Strict):
    """A provider's word for one of the service's blanks.

    Attributes:
        parameter: Which blank it fills. What it fills it with must be accepted there.
        values: What the provider's words mean; a word that is not listed means nothing.
            Empty: the words are taken as they are.
    """

    parameter: Name
    values: dict[str, str] = {}


class RequestHabits(Strict):
    """How token requests differ from RFC 6749.

    Attributes:
        client_id: What the client id is called.
        authorization_client_id: … in the authorization request, where that differs.
        authorization_scope: What the scopes are called there.
        client_secret: What the client secret is called.
        code: What the code is called.
        format: How the parameters travel. ``query`` puts secrets into an address:
            only for providers that take nothing else.
        method: ``GET`` for providers that want that; then they travel in the query.
        basic: How the client id and secret become Basic credentials: form-encoded as
            RFC 6749 says, as they are, or the secret as a user name without password.
        redirect_uri_in_query: It is wanted in the address, not in the body.
        parameters: Fixed parameters of every token request.
        refresh_parameters: Fixed parameters of refresh requests.
        headers: Fixed headers of every token request.
    """

    client_id: Name = "client_id"
    authorization_client_id: Annotated[str, Field(max_length=100)] = ""
    authorization_scope: Name = "scope"
    client_secret: Name = "client_secret"
    code: Name = "code"
    format: Literal["form", "json", "query"] = "form"
    method: Literal["POST", "GET"] = "POST"
    basic: Literal["encoded", "plain", "secret_as_user"] = "encoded"
    redirect_uri_in_query: bool = False
    parameters: dict[Name, Text] = {}
    refresh_parameters: dict[Name, Text] = {}
    headers: dict[Name, Text] = {}

    _headers_are_free = field_validator("headers")(headers_that_are_not_ours)

    @field_validator("parameters", "refresh_parameters")
    @classmethod
    def _parameters_are_free(cls, value: dict[str, str]) -> dict[str, str]:
        taken = sorted(_OUR_PARAMETERS & value.keys())
        if taken:
            msg = f"{', '.join(taken)} cannot be set here: every request sets it itself"
            raise ValueError(msg)
        return value


class CallbackHabits(Strict):
    """How the answer that the browser brings differs from RFC 6749.

    Attributes:
        code: What the code is called.
        state: What the state is called.
        facts: Further members that are read, and the blank each fills. Nothing else of
            the answer is ever used.
    """

    code: Name = "code"
    state: Name = "state"
    facts: dict[Name, Fact] = {}


class AnswerHabits(Strict):
    """How token answers differ from RFC 6749; the first path that leads somewhere counts.

    Attributes:
        access_token: Where the access token lies; its siblings likewise.
        lifetime: Where the lifetime of the access token lies.
        lifetime_format: What its number or text means.
        zero_means_never: A lifetime of zero is one without an end.
        default_lifetime: Seconds that an access token lives when nobody says so.
        refresh_lifetime: Where the lifetime of the refresh token lies.
        token_types: Words that mean *Bearer* here.
        within: Where the token set lies, where an answer may hold several (a bot's and
            a user's): the first place that has an access token counts, ``.`` is the
            answer itself. What a connection does not use is not kept: it is for a
            connection of another service, with a life of its own.
        facts: Members to keep, and the blank each fills.
        keep: Further members to keep, sealed with the tokens.
        success: What an answer says when it is none of an error, whatever its status.
        error: Where the error code lies.
        error_description: Where a text for people lies.
        ended: Codes that mean ``invalid_grant``.
        passing: Codes of errors that pass by themselves.
        client_refused: Codes that mean ``invalid_client``: the grant was not looked at.
        verification_hosts: Where the provider lets people type the code of the device
            flow, beside the hosts of its endpoints.
    """

    access_token: Paths = ("access_token",)
    refresh_token: Paths = ("refresh_token",)
    token_type: Paths = ("token_type",)
    scope: Paths = ("scope",)
    lifetime: Paths = ("expires_in", "expires")
    lifetime_format: LifetimeFormat = "seconds"
    zero_means_never: bool = False
    default_lifetime: Annotated[int, Field(gt=0)] | None = None
    refresh_lifetime: Paths = ("refresh_token_expires_in", "x_refresh_token_expires_in")
    token_types: tuple[Text, ...] = ()
    within: Paths = (".",)
    facts: dict[Path, Fact] = {}
    keep: Paths = ()
    success: dict[Path, Text] = {}
    error: Paths = ("error",)
    error_description: Paths = ("error_description",)
    ended: tuple[Text, ...] = ()
    passing: tuple[Text, ...] = ()
    client_refused: tuple[Text, ...] = ()
    verification_hosts: tuple[Text, ...] = ()


class Exchange(Strict):
    """How an access token is exchanged for one that lives longer.

    Attributes:
        grant_type: What the exchange is called.
        token: What the access token is called in it.
        method: Most providers want ``GET``; then the token travels in the query.
        sends: What of the client registration goes along.
    """

    grant_type: Name
    token: Name = "access_token"
    method: Literal["GET", "POST"] = "GET"
    sends: tuple[Literal["client_id", "client_secret"], ...] = ()


class RenewalHabits(Strict):
    """How access is renewed where not by a refresh token whenever we like.

    Attributes:
        first_exchange: What follows the code exchange, at the exchange endpoint.
        exchange: What stands in the place of a refresh, at the refresh endpoint.
        only_within: A refresh is an error before that many seconds are left.
        at_most: So many new access tokens, in so many seconds, per refresh token.
        idle_days: After so many days without a refresh the grant is dead.
    """

    first_exchange: Exchange | None = None
    exchange: Exchange | None = None
    only_within: Annotated[int, Field(gt=0)] | None = None
    at_most: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = (
        None
    )
    idle_days: Annotated[int, Field(gt=0)] | None = None


class Habits(Strict):
    """What a provider does differently; empty for one that keeps to the standard."""

    request: RequestHabits = RequestHabits()
    callback: CallbackHabits = CallbackHabits()
    answer: AnswerHabits = AnswerHabits()
    renewal: RenewalHabits = RenewalHabits()
