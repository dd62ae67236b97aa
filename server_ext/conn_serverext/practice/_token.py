"""The clients' part: metadata, token and revocation endpoints."""

from typing import Any, Final

from tornado.web import HTTPError

from ._client import ClientRefused
from ._grants import TokenRefused, Tokens
from ._handler import PracticeHandler
from ._people import DEFAULT_SCOPES, SCOPES

_FORM: Final = "application/x-www-form-urlencoded"
_METHODS: Final = ["client_secret_basic", "client_secret_post"]


def metadata(issuer: str, *, refresh_tokens: bool = True) -> dict[str, Any]:
    """Return the authorization server's metadata (RFC 8414 2)."""
    grant_types = ["authorization_code", "client_credentials"]
    grant_types += ["refresh_token"] * refresh_tokens
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "registration_endpoint": f"{issuer}/oauth/register",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grant_types,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": _METHODS,
        "revocation_endpoint_auth_methods_supported": _METHODS,
        "scopes_supported": list(SCOPES),
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{issuer}/",
    }


class Metadata(PracticeHandler):
    """``/.well-known/oauth-authorization-server``."""

    def get(self) -> None:
        """Show the endpoints."""
        refresh_tokens = self.world.grants.refresh_tokens
        self.finish(metadata(self.world.issuer, refresh_tokens=refresh_tokens))


class ClientEndpoint(PracticeHandler):
    """An endpoint that only the registered client may use."""

    def read_form(self) -> dict[str, str]:
        """Return the fields of a request whose client has proved who it is.

        Raises:
            ClientRefused: If it has not.
            TokenRefused: If it is no form, or a field is there twice.
        """
        headers = self.request.headers
        if headers.get("Content-Type", "").partition(";")[0].strip() != _FORM:
            raise TokenRefused("invalid_request", f"The body must be {_FORM}")
        try:
            form = self.one_each(self.request.body_arguments)
        except HTTPError:
            told = "A parameter is there twice or is no text"
            raise TokenRefused("invalid_request", told) from None
        self.world.clients.proved(headers.get("Authorization"), form)
        return form

    def refuse(self, error: ClientRefused | TokenRefused) -> None:
        """Answer with an error (RFC 6749 5.2)."""
        self.world.counters.refused += 1
        self.set_status(400)
        if isinstance(error, ClientRefused):
            self.set_status(error.status)
            if error.status == 401:
                challenge = 'Basic realm="Practice Expenses", charset="UTF-8"'
                self.set_header("WWW-Authenticate", challenge)
        self.set_header("Pragma", "no-cache")
        self.finish({"error": error.error, "error_description": error.description})


class TokenEndpoint(ClientEndpoint):
    """``/oauth/token``: codes and refresh tokens become tokens."""

    def prepare(self) -> None:
        """Count, then do as every handler does."""
        self.world.counters.token_requests += 1
        super().prepare()

    def post(self) -> None:
        """Answer with tokens (RFC 6749 5.1) or an error (RFC 6749 5.2)."""
        try:
            tokens = self._tokens_for(self.read_form())
        except (ClientRefused, TokenRefused) as error:
            self.refuse(error)
            return
        answer = {
            "access_token": tokens.access_token.reveal(),
            "token_type": "Bearer",
            "expires_in": tokens.expires_in,
            "scope": " ".join(tokens.scopes),
        }
        if tokens.refresh_token is not None:
            answer["refresh_token"] = tokens.refresh_token.reveal()
        self.set_header("Pragma", "no-cache")
        self.finish(answer)

    def _tokens_for(self, form: dict[str, str]) -> Tokens:
        grants = self.world.grants
        match form.get("grant_type"):
            case "authorization_code":
                return grants.exchange(
                    _needed(form, "code"),
                    redirect_uri=_needed(form, "redirect_uri"),
                    verifier=_needed(form, "code_verifier"),
                )
            case "refresh_token":
                scope = form.get("scope", "").split() or None
                return grants.refresh(_needed(form, "refresh_token"), scopes=scope)
            case "client_credentials":
                return grants.for_an_application(_scopes_in(form))
            case None:
                raise TokenRefused("invalid_request", "grant_type is missing")
            case _:
                told = "Only codes, refresh tokens and client credentials are known"
                raise TokenRefused("unsupported_grant_type", told)


class RevocationEndpoint(ClientEndpoint):
    """``/oauth/revoke``: a client gives a token back (RFC 7009)."""

    def post(self) -> None:
        """End it; a token that nobody knows is as good as ended (RFC 7009 2.2)."""
        try:
            self.world.grants.revoke(_needed(self.read_form(), "token"))
        except (ClientRefused, TokenRefused) as error:
            self.refuse(error)
            return
        self.finish()


def _scopes_in(form: dict[str, str]) -> tuple[str, ...]:
    """Return what an application asks for itself (RFC 6749 4.4.2).

    Raises:
        TokenRefused: If there is no such scope.
    """
    asked = tuple(dict.fromkeys(form.get("scope", "").split())) or DEFAULT_SCOPES
    unknown = [scope for scope in asked if scope not in SCOPES]
    if unknown:
        raise TokenRefused("invalid_scope", "There is no such scope")
    return asked


def _needed(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise TokenRefused("invalid_request", f"{name} is missing")
    return value
