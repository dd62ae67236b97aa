"""What authentication types take and return: plain values, no I/O."""

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import urlencode

from .._secret import Secret

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client registration that a request is made with.

    Attributes:
        client_secret: For ``private_key_jwt`` the private key, PEM or JWK.
    """

    client_id: str
    client_secret: Secret | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to an endpoint of an authorization server, ready to be sent.

    Attributes:
        url: Where to; ``address`` is what has the query, too.
        fields: What is said, by name.
        secrets: What must not be shown, should the answer repeat it.
        format: How the fields travel; ``query`` makes the address a secret.
    """

    url: str
    fields: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[Secret, ...]
    method: Literal["POST", "GET"] = "POST"
    format: Literal["form", "json", "query"] = "form"

    @property
    def address(self) -> str:
        """The address to send it to. Not to be logged: it may hold secrets."""
        if self.format != "query" or not self.fields:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(self.fields)}"

    @property
    def content_type(self) -> str:
        """The media type of the body; empty where there is none."""
        types = {"form": "application/x-www-form-urlencoded", "query": ""}
        return types.get(self.format, "application/json")

    @property
    def content(self) -> bytes:
        """The body."""
        match self.format:
            case "form":
                return urlencode(self.fields).encode()
            case "json":
                return json.dumps(dict(self.fields)).encode()
        return b""


class Answer(Protocol):
    """What came back; ``conn_core.http.ProviderAnswer`` is one."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""
        ...

    @property
    def body(self) -> bytes:
        """At most 1 MiB."""
        ...


#: What a type does where a provider must be asked: yields requests, is sent answers.
Steps = Generator[TokenRequest, Answer, Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """A credential: what a token endpoint answered (RFC 6749 5.1), or a person typed.

    Attributes:
        expires_in: Lifetime of the access token, seconds; None when not told.
        scopes: What was granted; None when not told, which means what was asked.
        further: Secrets beside the access token, by name.
        facts: What the answer says about the service's blanks; not secret.
        refresh_expires_in: Lifetime of the refresh token, seconds; None when not told.
        identity: Who the identity token speaks of, if there was one.
        id_token: That token itself, for whoever knows what it must say; not kept.
    """

    access_token: Secret
    refresh_token: Secret | None = None
    token_type: str = "Bearer"
    expires_in: float | None = None
    scopes: tuple[str, ...] | None = None
    further: Mapping[str, Secret] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    refresh_expires_in: float | None = None
    identity: str | None = None
    id_token: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to obtain a credential.

    Attributes:
        scopes: What to ask for.
        now: Seconds since 1970.
        device: The consent is to be given on another device (RFC 8628).
        typed: What a person typed into the fields of the type.
        redirect_uri: Where the browser comes back to.
        state: The single-use value that ties the answer to this attempt.
        verifier: The PKCE code verifier.
        kept: What ``Consent`` said to keep, when it goes on.
    """

    scopes: Sequence[str] = ()
    now: float
    device: bool = False
    typed: Mapping[str, Secret] = field(default_factory=dict)
    redirect_uri: str = ""
    state: str = ""
    verifier: Secret = field(default_factory=lambda: Secret(""))
    kept: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person must say yes at this address, and the browser brings the answer back.

    Attributes:
        keep: Secrets to seal with the attempt and hand to ``finish``.
        state: What to find the attempt by when the provider knows no ``state``.
    """

    url: str
    keep: Mapping[str, Secret] = field(default_factory=dict)
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """A person must type a code on another device, while we ask whether they did.

    Attributes:
        device_code: What we ask with.
        user_code: What is typed; plain characters.
        verification_uri: Where it is typed; printable, but the provider's choice.
        complete_uri: The same with the code in it, if the provider offers that.
        is_of_provider: The address is at a host that the service names. Any other one
            is shown as text with a warning, and never as a link.
        interval: Seconds between two questions.
        expires_at: When the code ends, seconds since 1970.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    complete_uri: str | None
    is_of_provider: bool
    interval: float
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackNames:
    """What the parameters are called that a browser brings back; others are not read.

    Attributes:
        states: What names the attempt; the first that is there.
        outcomes: How it ended; one of them is there.
        others: What else is read.
    """

    states: tuple[str, ...] = ("state",)
    outcomes: tuple[str, ...] = ("code", "error")
    others: tuple[str, ...] = ("iss", "error_description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the browser brought back, as far as it concerns the attempt.

    Attributes:
        state: What the attempt is found by; empty when there is nothing.
        error: Why it cannot be finished (``access_denied`` …); empty when it can.
        described: The provider's words for people.
    """

    state: str
    error: str = ""
    described: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request to an API, before or after a credential was applied.

    Attributes:
        headers: By name, in any spelling.
        body: None where it is a stream that cannot be read twice.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes | None = field(repr=False, default=b"")


class GrantEnded(Exception):
    """The provider said that the grant or the code is no longer good."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
