"""What a service is described by: the fields of a form, and when each is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

AUTH_TYPES = [
    ["oauth2", "OAuth 2.0"],
    ["oauth1", "OAuth 1.0a"],
    ["api_key", "API key"],
    ["basic", "Basic"],
    ["bearer", "Bearer token"],
    ["aws_sigv4", "AWS signature"],
]
GRANT_TYPES = [
    ["authorization_code", "Authorization code"],
    ["client_credentials", "Client credentials"],
    ["device_code", "Device code"],
]
PARAM_TYPES = [["header", "Header"], ["query", "Query string"], ["body", "Form body"]]
CLIENT_AUTHENTICATIONS = [
    ["client_secret_basic", "Basic header"],
    ["client_secret_post", "Form body"],
    ["private_key_jwt", "Private key"],
    ["none", "No secret"],
]
SIGNATURES = [["HMAC-SHA1", "HMAC-SHA1"], ["RSA-SHA1", "RSA-SHA1"]]
DELIMITERS = [[" ", "Space"], [",", "Comma"], ["+", "Plus"], ["other", "Other…"]]
OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Kind:
    """What decides which fields there are.

    Attributes:
        auth_type: The authentication type.
        grant_type: How consent is obtained, for OAuth 2.0.
    """

    auth_type: str
    grant_type: str

    @property
    def is_oauth(self) -> bool:
        """A client registration is needed."""
        return self.auth_type in {"oauth1", "oauth2"}

    @property
    def is_oauth2(self) -> bool:
        """There are scopes and a token endpoint."""
        return self.auth_type == "oauth2"

    @property
    def has_browser(self) -> bool:
        """The person's browser is sent away and comes back."""
        by_code = self.is_oauth2 and self.grant_type == "authorization_code"
        return by_code or self.auth_type == "oauth1"

    @property
    def client_alone(self) -> bool:
        """No person takes part."""
        return self.is_oauth2 and self.grant_type == "client_credentials"

    @property
    def is_placed(self) -> bool:
        """Where the credential stands in a request is the service's own choice."""
        return self.auth_type in {"oauth2", "api_key", "bearer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field for text.

    Attributes:
        name: The member of the description.
        label: What stands above it.
        wanted: When it is asked for.
        needed: It must not be empty then.
        kind: ``text`` or ``code``.
        note: Said quietly after the label.
        help: A sentence below; ``backticks`` mark code.
        placeholder: Shown while it is empty.
    """

    name: str
    label: str
    wanted: Callable[[Kind], bool] = lambda _: True
    needed: bool = False
    kind: str = "code"
    note: str = ""
    help: str = ""
    placeholder: str = ""


def _oauth2(kind: Kind) -> bool:
    return kind.is_oauth2


def _oauth1(kind: Kind) -> bool:
    return kind.auth_type == "oauth1"


ASKED = (
    Asked(name="name", label="Service name", kind="text", needed=True),
    Asked(
        name="description",
        label="What it is for",
        kind="text",
        note=OPTIONAL,
        placeholder="Customers and visits",
    ),
    Asked(
        name="issuer",
        label="Issuer",
        wanted=_oauth2,
        note=OPTIONAL,
        placeholder="https://login.example.com",
    ),
    Asked(
        name="request_token_endpoint",
        label="Request token URL",
        wanted=_oauth1,
        needed=True,
    ),
    Asked(
        name="authorization_endpoint",
        label="Authorize URL",
        wanted=lambda kind: kind.has_browser,
        needed=True,
    ),
    Asked(
        name="device_authorization_endpoint",
        label="Device authorization URL",
        wanted=lambda kind: kind.is_oauth2 and kind.grant_type == "device_code",
        needed=True,
    ),
    Asked(
        name="token_endpoint",
        label="Access token URL",
        wanted=lambda kind: kind.is_oauth,
        needed=True,
    ),
    Asked(
        name="refresh_endpoint",
        label="Refresh token URL",
        wanted=_oauth2,
        note=OPTIONAL,
        help="Empty: the access token URL.",
    ),
    Asked(
        name="revocation_endpoint",
        label="Revoke URL",
        wanted=_oauth2,
        note=OPTIONAL,
        help="Empty: an authorization cannot be ended from here.",
    ),
    Asked(
        name="client_id",
        label="Client id",
        wanted=lambda kind: kind.is_oauth,
    ),
    Asked(
        name="signing_name",
        label="AWS service",
        wanted=lambda kind: kind.auth_type == "aws_sigv4",
        note=OPTIONAL,
        placeholder="s3",
        help="As AWS signs for it. Empty: the first part of the host.",
    ),
    Asked(
        name="api_base_url",
        label="API base URL",
        needed=True,
        placeholder="https://api.example.com/v1",
        help="What paths such as `/me` are added to.",
    ),
    Asked(name="api_hosts", label="Allowed hosts"),
    Asked(
        name="test_path",
        label="Test path",
        note=OPTIONAL,
        placeholder="/me",
        help="One harmless call.",
    ),
    Asked(
        name="param_name",
        label="Name",
        wanted=lambda kind: kind.is_placed,
        needed=True,
        help="Of the header, the query parameter or the form field.",
    ),
    Asked(
        name="param_prefix",
        label="Text before it",
        wanted=lambda kind: kind.is_placed,
        note=OPTIONAL,
        help="A blank follows a word: `Bearer` is sent as `Bearer abc`.",
    ),
    Asked(
        name="pushed_authorization_request_endpoint",
        label="Pushed authorization URL",
        wanted=lambda kind: kind.is_oauth2 and kind.has_browser,
        note=OPTIONAL,
    ),
    Asked(
        name="registration_endpoint",
        label="Client registration URL",
        wanted=_oauth2,
        note=OPTIONAL,
        help="Where clients can be registered without a person.",
    ),
)

#: What a field holds at first, where that is not nothing.
STARTS = {
    "oauth2": {"param_name": "Authorization", "param_prefix": "Bearer"},
    "bearer": {"param_name": "Authorization", "param_prefix": "Bearer"},
    "api_key": {"param_name": "X-API-Key", "param_prefix": ""},
}
