"""OAuth 1.0a (RFC 5849). Authlib signs; time and nonce are its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from authlib.oauth1 import ClientAuth

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import InvalidInput, ProviderUnavailable
from ._answers import raise_refusal
from ._members import members_of
from ._parts import (
    Attempt,
    CallbackNames,
    Client,
    Consent,
    GrantEnded,
    Outgoing,
    Returned,
    Steps,
    TokenRequest,
    TokenSet,
)
from ._placing import form_to_sign, lent
from ._typed import registered

_FORM = "application/x-www-form-urlencoded"


class OAuth1:
    """OAuth 1.0a: every request is signed with the client's and the token's secret.

    Signing needs the client secret. So ``lend`` lends no secret at all, and ``sign`` is
    for the broker's own process: a kernel asks for signatures, it does not sign.
    """

    def asks_for(self, service: Service) -> tuple[CredentialField, ...]:
        """Return what a person has to type: nothing, but for further keys."""
        return service.credential_fields

    def begin(
        self, service: Service, client: Client | None, attempt: Attempt
    ) -> Steps[Consent]:
        """Obtain temporary credentials, and the consent page for them (2.1, 2.2)."""
        client = registered(service, client)
        members = yield from _ask(
            service,
            client,
            url=str(service.request_token_endpoint),
            redirect_uri=attempt.redirect_uri,
        )
        if str(members.get("oauth_callback_confirmed")).lower() != "true":
            # Version 1.0 without the a: somebody else's consent could be slipped in.
            raise ProviderUnavailable(
                f"{service.name} speaks a version of OAuth that is not safe"
            )
        token, secret = _pair(service, members)
        query = {"oauth_token": token.reveal(), **service.authorization_parameters}
        url = str(service.authorization_endpoint)
        return Consent(
            url=f"{url}{'&' if '?' in url else '?'}{urlencode(query)}",
            keep={"request_token": token, "request_secret": secret},
            state=token.reveal(),
        )

    def callback_names(self, service: Service) -> CallbackNames:
        """Return those of RFC 5849 2.2, and what many send when somebody said no."""
        del service
        return CallbackNames(
            states=("oauth_token", "denied"),
            outcomes=("oauth_verifier", "denied"),
            others=(),
        )

    def returned(self, service: Service, answer: Mapping[str, str]) -> Returned:
        """Read which temporary credentials a callback speaks of (2.2)."""
        del service
        denied = answer.get("denied", "")
        state = answer.get("oauth_token", "") or denied
        if denied:
            return Returned(state=state, error="access_denied")
        error = "" if answer.get("oauth_verifier") else "no verifier"
        return Returned(state=state, error=error)

    def finish(
        self,
        service: Service,
        client: Client | None,
        attempt: Attempt,
        answer: Mapping[str, str],
    ) -> Steps[TokenSet]:
        """Turn temporary credentials into a token (2.3)."""
        kept = attempt.kept
        if not kept["request_token"].same_as(answer.get("oauth_token", "")):
            raise GrantEnded("the answer speaks of another request")
        members = yield from _ask(
            service,
            registered(service, client),
            url=str(service.token_endpoint),
            token=kept["request_token"].reveal(),
            token_secret=kept["request_secret"].reveal(),
            verifier=answer.get("oauth_verifier", ""),
        )
        token, secret = _pair(service, members)
        return TokenSet(
            access_token=token, token_type="OAuth", further={"token_secret": secret}
        )

    def can_renew(self, service: Service, held: TokenSet) -> bool:
        """Tell that such tokens live until somebody ends them."""
        del service, held
        return False

    def renew(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> Steps[TokenSet]:
        """Refuse: there is no way to."""
        del service, client, held, now
        yield from ()
        raise GrantEnded("OAuth 1.0a knows no renewal")

    def lend(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return where requests may go, and nothing that could sign one."""
        del now
        usual = lent(service, registered(service, client), held)
        return replace(
            usual, access_token=Secret(""), signed_by="oauth1", further_secrets=None
        )

    def apply(self, token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
        """Refuse: only ``sign`` can, where the secrets are."""
        del request, now
        raise InvalidInput(
            f"'{token.link_name}' is signed by the broker, request by request. "
            "Nothing was sent"
        )

    def sign(
        self,
        service: Service,
        client: Client | None,
        held: TokenSet,
        request: Outgoing,
        *,
        link_name: str,
    ) -> dict[str, str]:
        """Return the ``Authorization`` header of a request (3.1, 3.5.1).

        Raises:
            InvalidInput: If the request brings parameters of OAuth itself, or a form
                that cannot be signed.
            RegistrationRequired: If there is no client registration.
        """
        client = registered(service, client)
        form = _plain(form_to_sign(request, link_name=link_name))
        base, _, query = request.url.partition("?")
        query = _plain(query)
        _refuse_protocol_parameters(f"{query}&{form}", link_name)
        secret = client.client_secret
        signer = _signer(
            client.client_id,
            None if secret is None else secret.reveal(),
            service.signature_method,
            token=held.access_token.reveal(),
            token_secret=held.further["token_secret"].reveal(),
        )
        url = f"{base}?{query}" if query else base
        return {"Authorization": _authorization(signer, request.method, url, form)}

    def revoke(
        self,
        service: Service,
        client: Client | None,
        held: TokenSet,
        *,
        now: float | None = None,
    ) -> Steps[bool]:
        """Say that providers end such tokens on their own pages only."""
        del service, client, held, now
        yield from ()
        return False


def _ask(
    service: Service, client: Client, *, url: str, **signing: Any
) -> Steps[dict[str, Any]]:
    """Ask a token endpoint with a signed empty form, and read its form (2.1)."""
    secret = client.client_secret
    signer = _signer(
        client.client_id,
        None if secret is None else secret.reveal(),
        service.signature_method,
        **signing,
    )
    told = (signing.get("token_secret"), signing.get("verifier"))
    secrets = [Secret(text) for text in told if text]
    request = TokenRequest(
        url=url,
        fields={},
        headers={"Authorization": _authorization(signer, "POST", url, "")},
        secrets=tuple(secrets if secret is None else (*secrets, secret)),
    )
    answer = yield request
    kind = answer.headers.get("content-type", "")
    # Some providers call their form text/html.
    members = members_of(kind, answer.body, always_form=True)
    raise_refusal(service, members, status=answer.status, secrets=request.secrets)
    return members


def _plain(encoded: str) -> str:
    """Return a query or form in the one encoding that the signer reads.

    It holds the same names and values, which are what is signed (3.4.1.3.1): people
    write brackets and quotes that the signer takes for a mistake.
    """
    return urlencode(parse_qsl(encoded, keep_blank_values=True))


def _refuse_protocol_parameters(encoded: str, link_name: str) -> None:
    """Refuse what would make a request one of the flow's own (2.1, 2.3, 3.2)."""
    names = (name for name, _ in parse_qsl(encoded, keep_blank_values=True))
    if any(name.startswith("oauth_") for name in names):
        raise InvalidInput(
            f"'{link_name}' adds the parameters of OAuth itself, and the request "
            "brings one (oauth_…). Nothing was sent"
        )


def _pair(service: Service, members: Mapping[str, Any]) -> tuple[Secret, Secret]:
    token, secret = members.get("oauth_token"), members.get("oauth_token_secret")
    if not isinstance(token, str) or not isinstance(secret, str) or not token:
        raise ProviderUnavailable(
            f"{service.name} answered without a token", "Try again later"
        )
    return Secret(token), Secret(secret)


def _signer(
    client_id: str, client_secret: str | None, method: str, **signing: Any
) -> Any:
    is_key = method == "RSA-SHA1"
    return ClientAuth(
        client_id,
        client_secret=None if is_key else client_secret,
        rsa_key=client_secret if is_key else None,
        signature_method=method,
        **signing,
    )


def _authorization(signer: Any, method: str, url: str, form: str) -> str:
    headers = {"Content-Type": _FORM} if form else {}
    _, signed, _ = signer.sign(method, url, headers, form)
    return str(signed["Authorization"])
