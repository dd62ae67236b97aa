"""The values that travel between the rooms. Plain dataclasses: the kernel's hot path
imports them, and so must not pay for a validation library.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from ._rules import NO_RULES, Rules
from ._secret import Secret
from ._value import Value

#: ``suspended`` only asks: for what is shown as revoked because its owner is gone.
Status = Literal["connected", "needs authorization", "revoked", "failed", "suspended"]
#: ``all`` only asks: for everything that there is, as an administrator.
Group = Literal["my", "organisation", "internal", "all"]
Exposure = Literal["direct", "sealed"]
FlowState = Literal["pending", "done", "denied", "expired", "failed"]
Way = Literal["browser", "device", "paste", "none"]
#: How consent may be asked to be obtained.
AskedWay = Literal["auto", "browser", "device", "paste"]
ParamType = Literal["header", "query", "body"]
#: How the reason begins where the owner's account is not active.
SUSPENDED = "Suspended: "


def _no_secret() -> Secret:
    return Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Value):
    """A named use of a service, as the asking person sees it.

    Attributes:
        link_name: What code writes; never changes.
        name: What people read; may be edited.
        service: The service's id.
        service_name: The service's display name.
        scopes: The scopes asked for.
        granted_scopes: The scopes the provider gave; empty before consent.
        use_login_user_credentials: Each person authorizes and uses their own.
        parameters: The service's own parameters, such as a sub-domain.
        exposure: ``sealed``: the credential stays with the broker, which sends the
            person's requests. ``direct``: the person's kernels are lent the token.
        group: ``my``, ``organisation`` or ``internal``.
        owner: Who created it.
        status: One of the four words.
        status_reason: Why it is revoked or failed; a sentence, else empty.
        account: Who the provider says we are, else None.
        expires_at: When the authorization ends, if the provider says so. A token
            that can be refreshed does not end the authorization.
        version: Grows with each change; for ``If-Match``.
        shared_with: Who else may use it: ``*`` (everybody here), ``user:NAME``,
            ``group:NAME``.
        api_hosts: The only hosts that requests go to; empty before the first
            authorization.
        accepted: The person may use it: it is theirs, or they have agreed to use what
            somebody else shares.
        rules: Which requests it may be used for; they hold where it is sealed.
        notice: What happened beside the change that was asked for, such as what the
            provider said; a sentence, else empty.
    """

    link_name: str
    name: str
    service: str
    service_name: str
    scopes: tuple[str, ...] = ()
    granted_scopes: tuple[str, ...] = ()
    use_login_user_credentials: bool = False
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    exposure: Exposure = "direct"
    group: Group = "my"
    owner: str = ""
    status: Status = "needs authorization"
    status_reason: str = ""
    account: str | None = None
    expires_at: datetime | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    version: int = 1
    shared_with: tuple[str, ...] = ()
    api_hosts: tuple[str, ...] = ()
    accepted: bool = True
    rules: Rules = NO_RULES
    notice: str = ""

    @property
    def is_suspended(self) -> bool:
        """It rests because its owner's account is not active; shown as ``revoked``."""
        return self.status_reason.startswith(SUSPENDED)

    @property
    def full_name(self) -> str:
        """The name that means this one even beside one's own of the same link name."""
        if self.group != "organisation":
            return self.link_name
        return f"{self.owner}/{self.link_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken(Value):
    """What a client needs to make requests: the credential, and where it may go.

    Attributes:
        access_token: The credential itself; empty where the broker signs, and where it
            stays with the broker of another process. Left out of ``to_json``; the token
            endpoint adds it by hand, and is the only place that does.
        exposure: ``sealed``: only the broker's own process may hold the credential, and
            requests from others go through its relay.
        generation: Grows with each refresh. A client whose request was answered
            401 names the generation it used, so that one refresh serves everybody.
        param_type: Where the credential goes in a request.
        param_name: The header's, query parameter's or form field's name.
        param_prefix: Literal text before the credential, with its blank.
        api_base_url: What relative addresses are relative to.
        api_hosts: The only hosts the credential may be sent to (``host``,
            ``host:port`` or ``*.suffix``).
        api_headers: Sent with every request; ``{name}`` stands for one of the further
            secrets.
        api_query: The same for the query.
        signed_by: The authentication type that signs each request, empty where the
            credential itself is sent. ``oauth1`` is signed by the broker: see its
            ``sign``.
        signing: What the signer needs and is no secret.
        further_secrets: A JSON object of secrets by name, where one is not enough. Left
            out of ``to_json`` like the credential.
        rules: Which requests may be sent, where this process sends them itself; None
            where any may.
    """

    access_token: Secret = dataclasses.field(default_factory=_no_secret)
    exposure: Exposure = "direct"
    token_type: str = "Bearer"
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    generation: int = 1
    link_name: str = ""
    service_name: str = ""
    param_type: ParamType = "header"
    param_name: str = "Authorization"
    param_prefix: str = "Bearer "
    api_base_url: str = ""
    api_hosts: tuple[str, ...] = ()
    api_headers: dict[str, str] = dataclasses.field(default_factory=dict)
    api_query: dict[str, str] = dataclasses.field(default_factory=dict)
    signed_by: Literal["", "oauth1", "aws_sigv4"] = ""
    signing: dict[str, str] = dataclasses.field(default_factory=dict)
    further_secrets: Secret | None = None
    rules: Rules | None = None

    def secrets_to_json(self) -> dict[str, str]:
        """Return what ``to_json`` leaves out. For the token endpoint alone."""
        if self.exposure == "sealed":
            return {}
        found = {"access_token": self.access_token.reveal()}
        if self.further_secrets is not None:
            found["further_secrets"] = self.further_secrets.reveal()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(Value):
    """One attempt to obtain credentials.

    Attributes:
        flow: Its id; unguessable, useless to anybody but the starter.
        state: ``pending`` until it ends in one of the other four.
        start_url: The local address to open; never the provider's own.
        way: How consent is obtained: ``browser`` (this address is opened, and the
            browser comes back by itself), ``device`` (``user_code`` is typed at
            ``verification_uri`` on any device), ``paste`` (the address that the browser
            was sent to is pasted here), ``none`` (nobody has to consent).
        why: Why this way was chosen; a sentence.
        error: Why it did not end in ``done``; a sentence with the next command.
        account: Who was connected, once done.
        asked_scopes: What the provider was asked for.
        granted_scopes: What the provider gave, once done; less, where somebody unticked
            something.
    """

    flow: str
    state: FlowState
    link_name: str
    service: str
    service_name: str
    start_url: str | None = None
    user_code: str | None = None
    verification_uri: str | None = None
    interval: int = 1
    way: Way = "browser"
    why: str = ""
    expires_at: datetime | None = None
    error: str | None = None
    account: str | None = None
    asked_scopes: tuple[str, ...] = ()
    granted_scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult(Value):
    """The outcome of one harmless call.

    Attributes:
        ok: The service answered with success.
        http_status: Its status, None when there was no answer.
        latency_ms: How long the answer took, milliseconds.
        account: Who the service says we are, else None.
        message: One sentence for people.
    """

    __test__ = False  # pytest: not a test class

    link_name: str
    ok: bool
    message: str
    http_status: int | None = None
    latency_ms: int | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Value):
    """One line of a connection's history: who did what, and how it ended."""

    at: datetime
    actor: str
    action: str
    result: str = "ok"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Value):
    """Somebody's use of a connection from one place.

    Attributes:
        place: The notebook or job, as its kernel was told; ``elsewhere`` where nobody
            said.
        person: Who used it.
        last_at: When it was last used from there; kept to the minute.
    """

    place: str
    person: str
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProposal(Value):
    """What could be learned about a service; a form fills itself with it.

    Attributes:
        service: Members of a ``ServiceDraft`` by name, as far as they are known.
        notes: What a person has to know or decide, a sentence each: hosts that are not
            the issuer's own, facts that are missing.
    """

    service: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatus(Value):
    """Where credentials come from here.

    Attributes:
        kind: ``local`` (a store opened by this process) or ``server``.
        user: As whom this broker acts.
        location: The store's file or the server's address.
        key_source: Where the master key is, in words for people.
        redirect_base: What redirect URLs start with, None where no browser can
            come back to.
        version: Of the package that answers.
        is_administrator: The person looks after this deployment.
        shares_with_everybody: The person may share a connection with everybody here.
    """

    kind: Literal["local", "server"]
    user: str
    location: str
    key_source: str
    redirect_base: str | None = None
    version: str = ""
    is_administrator: bool = False
    shares_with_everybody: bool = True


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A part of a list.

    Attributes:
        items: The entries of this page.
        next_cursor: Where the next page starts, None at the end.
        total: How many entries there are in all.
    """

    items: tuple[Item, ...]
    next_cursor: str | None = None
    total: int = 0
