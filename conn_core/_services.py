"""A service: what one connects to. The one model for the catalogue, forms and REST."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_serializer,
    field_validator,
    model_validator,
)

from ._habits import Habits, Name, Text, headers_that_are_not_ours
from ._service_parts import CredentialField, Scope, ServiceParameter
from ._urls import check_endpoint, check_host_pattern, fill, fill_known
from .errors import InvalidInput

__all__ = ["CredentialField", "Scope", "Service", "ServiceParameter"]

AuthType = Literal["oauth2", "oauth1", "api_key", "basic", "bearer", "aws_sigv4"]
GrantType = Literal["authorization_code", "client_credentials", "device_code"]
ClientAuthentication = Literal[
    "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
]

_ENDPOINTS = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "refresh_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
    "request_token_endpoint",
    "exchange_endpoint",
    "pushed_authorization_request_endpoint",
    "registration_endpoint",
    "api_base_url",
)
_FURTHER_FACTS = (
    "device_authorization_endpoint",
    "request_token_endpoint",
    "exchange_endpoint",
    "pushed_authorization_request_endpoint",
)
#: Endpoints at which a client proves who it is.
_TAKE_THE_SECRET = (
    "token_endpoint",
    "refresh_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
    "request_token_endpoint",
    "exchange_endpoint",
    "pushed_authorization_request_endpoint",
)
#: Parameters of an authorization request that are ours to set (RFC 6749, 7636, 9207).
RESERVED_PARAMETERS = frozenset(
    {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
)
#: What we answer about a service, or know of the ones that ship; nobody fills it in.
ANSWERED = frozenset(
    {
        "predefined",
        "owner",
        "agreement",
        "confidence",
        "sources",
        "redirect_uri",
        "registered",
        "version",
        "connection_count",
    }
)


class Service(BaseModel):
    """What one connects to: endpoints, authentication, scopes and allowed hosts.

    Member names follow RFC 8414 (metadata), RFC 7591 (registration) and RFC 6749.
    ``redirect_uri``, ``registered``, ``version`` and ``connection_count`` (how many
    connections to it the asking person sees) are answers, never part of a description.
    ``use_login_user_credentials`` is what a new connection starts with. ``agreement``
    says how many independent sources name the same endpoints: 0 where nobody counted;
    ``confidence`` sums up how sure that makes us, and ``sources`` are their names.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=400)] = ""
    predefined: bool = False
    owner: str = ""
    category: str = ""
    auth_type: AuthType = "oauth2"
    grant_type: GrantType = "authorization_code"
    issuer: str | None = None
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    refresh_endpoint: str | None = None
    revocation_endpoint: str | None = None
    device_authorization_endpoint: str | None = None
    request_token_endpoint: str | None = None
    exchange_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    registration_endpoint: str | None = None
    scopes: tuple[Scope, ...] = ()
    default_scopes: tuple[str, ...] = ()
    scope_delimiter: Annotated[str, Field(min_length=1, max_length=3)] = " "
    pkce: bool = True
    iss_parameter_supported: bool = False
    token_endpoint_auth_method: ClientAuthentication = "client_secret_basic"
    param_type: Literal["header", "query", "body"] = "header"
    param_name: Annotated[str, Field(min_length=1, max_length=100)] = "Authorization"
    param_prefix: Annotated[str, Field(max_length=50)] = "Bearer "
    api_headers: dict[Name, Text] = {}
    api_query: dict[Name, Text] = {}
    credential_fields: tuple[CredentialField, ...] = ()
    # Not PLAINTEXT: its signature is the client secret, and clients see signatures.
    signature_method: Literal["HMAC-SHA1", "RSA-SHA1"] = "HMAC-SHA1"
    signing_name: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,63}$")] = ""
    habits: Habits = Habits()
    authorization_parameters: dict[str, str] = {}
    parameters: tuple[ServiceParameter, ...] = ()
    api_base_url: str
    api_hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    test_path: str | None = None
    account_field: str | None = None
    docs_url: str | None = None
    registration_help: str = ""
    use_login_user_credentials: bool = False
    agreement: Annotated[int, Field(ge=0, le=1000)] = 0
    confidence: Literal["", "low", "medium", "high"] = ""
    sources: tuple[str, ...] = ()
    redirect_uri: str | None = None
    registered: bool = False
    version: int = 1
    connection_count: int = 0

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=False, str_max_length=4096
    )

    @field_validator(*_ENDPOINTS)
    @classmethod
    def _endpoints_are_safe(cls, value: str | None) -> str | None:
        return None if value is None else check_endpoint(value)

    @field_validator("api_hosts")
    @classmethod
    def _hosts_are_exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_host_pattern(host) for host in value)

    @field_validator("test_path")
    @classmethod
    def _test_path_stays_at_the_api(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("/"):
            msg = "must begin with / and is added to the API base URL"
            raise ValueError(msg)
        return value

    @field_serializer("habits")
    def _habits_are_brief(self, habits: Habits) -> dict[str, Any]:
        return habits.model_dump(exclude_defaults=True)

    _api_headers_are_free = field_validator("api_headers")(headers_that_are_not_ours)

    @field_validator("authorization_parameters")
    @classmethod
    def _reserved_parameters_are_ours(cls, value: dict[str, str]) -> dict[str, str]:
        taken = sorted(RESERVED_PARAMETERS & value.keys())
        if taken:
            msg = f"{', '.join(taken)} cannot be set here: every request sets it itself"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        if self.auth_type != "oauth2":
            return self
        if self.token_endpoint is None:
            msg = "an OAuth 2.0 service needs an access token URL"
            raise InvalidInput(
                msg, fields={"token_endpoint": "is needed for OAuth 2.0"}
            )
        asks_a_person = self.grant_type == "authorization_code"
        if asks_a_person and self.authorization_endpoint is None:
            msg = "the authorization code grant needs an authorize URL"
            beside = "is needed for the authorization code grant"
            raise InvalidInput(msg, fields={"authorization_endpoint": beside})
        return self

    def filled(self, values: dict[str, str]) -> "Service":
        """Return the service with every blank filled, checked again.

        Args:
            values: The connection's parameters by name; one left out, or empty, takes
                its default.

        Raises:
            ValueError: If a value is missing or not accepted.
        """
        persons = [p for p in self.parameters if p.filled_by == "person"]
        if not persons:
            return self
        chosen = {p.name: values.get(p.name) or p.default for p in persons}
        for parameter in persons:
            if not parameter.accepts(chosen[parameter.name]):
                shown = parameter.display_name or parameter.name
                msg = f"{shown} must be like {parameter.example or parameter.pattern}"
                raise ValueError(msg)
        chosen |= self._following(chosen)
        left = tuple(p for p in self.parameters if p.name not in chosen)
        return self._with(chosen, left=left)

    def settled(self, facts: Mapping[str, str]) -> "Service":
        """Return the service with the blanks filled that the provider fills.

        Args:
            facts: What the provider said, by blank. Where it said nothing that is
                accepted, the default stands; without one the blank stays.

        Raises:
            ValueError: If what comes of it is no address that may be used.
        """
        known: dict[str, str] = {}
        for parameter in self.parameters:
            said = facts.get(parameter.name)
            if said is not None and parameter.accepts(said):
                known[parameter.name] = said
        left = tuple(p for p in self.parameters if p.name not in known)
        return self._with(known, left=left) if known else self

    def with_defaults(self) -> "Service":
        """Return the service with the defaults in the blanks that are left."""
        return self.settled({p.name: p.default for p in self.parameters if p.default})

    def completed(self, facts: Mapping[str, str]) -> "Service":
        """Return the service as a credential is used with it: no blank is left.

        Args:
            facts: What the provider said, by blank.

        Raises:
            ValueError: If a blank is left, or what comes of it is no usable address.
        """
        found = self.settled(facts).with_defaults()
        if found.parameters:
            names = ", ".join(parameter.name for parameter in found.parameters)
            msg = f"{self.name} did not say its {names}"
            raise ValueError(msg)
        return found

    def _following(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return what the choices made for some blanks mean for others."""
        return {
            p.name: p.values[chosen[p.follows]]
            for p in self.parameters
            if chosen.get(p.follows) in p.values
        }

    def _with(
        self, values: Mapping[str, str], *, left: tuple[ServiceParameter, ...]
    ) -> "Service":
        changes: dict[str, Any] = {
            name: fill_known(getattr(self, name), values)
            for name in (*_ENDPOINTS, "test_path")
            if getattr(self, name) is not None
        }
        changes["api_hosts"] = tuple(fill_known(h, values) for h in self.api_hosts)
        for name in ("api_headers", "api_query"):
            written = getattr(self, name).items()
            changes[name] = {key: fill_known(text, values) for key, text in written}
        changes["parameters"] = left
        filled = Service.model_validate(self.model_dump() | changes)
        if not left:
            for url in (*filled.endpoints, *filled.api_hosts):
                fill(url, {})  # a blank that no parameter fills is a mistake
        return filled

    def security_facts(self) -> tuple[str, ...]:
        """Return what a credential is bound to when it is sealed.

        Whoever edits an endpoint or the allowed hosts in the database makes the
        credentials unreadable instead of redirecting them.
        """
        return (
            self.id,
            self.authorization_endpoint or "",
            self.token_endpoint or "",
            self.refresh_endpoint or "",
            self.revocation_endpoint or "",
            self.token_endpoint_auth_method,
            self.api_base_url,
            self.param_type,
            self.param_name,
            *sorted(self.api_hosts),
            *(getattr(self, name) or "" for name in _FURTHER_FACTS),
            *(f"{name}: {text}" for name, text in sorted(self.api_headers.items())),
            *(f"{name}={text}" for name, text in sorted(self.api_query.items())),
        )

    def client_facts(self) -> tuple[str, ...]:
        """Return where a client secret is sent, and how."""
        return (
            self.token_endpoint_auth_method,
            *(getattr(self, name) or "" for name in _TAKE_THE_SECRET),
        )

    @property
    def addresses(self) -> dict[str, str]:
        """Every address of the service that there is, by member."""
        found = {name: getattr(self, name) for name in _ENDPOINTS}
        return {name: url for name, url in found.items() if url is not None}

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every address of the service that there is."""
        return tuple(self.addresses.values())

    @property
    def scope_names(self) -> tuple[str, ...]:
        """The scopes by the provider's own names."""
        return tuple(scope.name for scope in self.scopes)
