"""AWS Signature Version 4.

``requests-aws4auth`` signs: small, kept, and the one that takes a key derived for one
day, region and service. So the secret access key stays with the broker, and a client is
lent what is worth nothing elsewhere or tomorrow. ``botocore`` would be the alternative,
at a thousand times the size, and it wants the secret access key itself; Amazon's
``aws-sdk-signers`` does not run on Python 3.11. It is an extra: ``[aws]``.
"""

import importlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import InvalidInput, MissingPackage
from ._parts import Client, Outgoing, TokenSet
from ._placing import lent, packed, surrounded, unpacked
from ._typed import Typed

_FIELDS = (
    CredentialField(name="access_key_id", display_name="Access key id", secret=False),
    CredentialField(name="secret_access_key", display_name="Secret access key"),
    CredentialField(name="region", display_name="Region", secret=False),
    CredentialField(
        name="session_token",
        display_name="Session token",
        optional=True,
        help="Only for temporary keys",
    ),
)
_LENT = ("access_key_id", "session_token")


@dataclass(slots=True)
class _Prepared:
    """A request as the signer wants it: it adds headers and reads the rest."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class AwsSigV4(Typed):
    """AWS keys. The region belongs to them, the signing name to the service."""

    def asks_for(self, service: Service) -> tuple[CredentialField, ...]:
        """Return keys and region, and what this service wants beside them."""
        return (*_FIELDS, *service.credential_fields)

    def lend(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return a key for today, this region and this service.

        Raises:
            MissingPackage: If the signer is not installed.
        """
        today = datetime.fromtimestamp(now, UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        region = held.further["region"].reveal()
        name = service.signing_name or service.api_hosts[0].partition(".")[0]
        day = today.strftime("%Y%m%d")
        key = _library().AWS4SigningKey(
            held.access_token.reveal(), region, name, day, store_secret_key=False
        )
        usual = lent(service, client, held)
        mine = {n: held.further[n].reveal() for n in _LENT if n in held.further}
        return replace(
            usual,
            access_token=Secret(key.key.hex()),
            expires_at=today + timedelta(days=1),
            signed_by="aws_sigv4",
            signing={"region": region, "service": name, "date": day},
            further_secrets=packed(unpacked(usual) | mine),
        )

    def apply(self, token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
        """Sign the request.

        Raises:
            InvalidInput: If its body is a stream, which cannot be signed, or the key is
                that of another day.
            MissingPackage: If the signer is not installed.
        """
        request = surrounded(token, request)
        if request.body is None:
            raise InvalidInput(
                f"'{token.link_name}' signs its requests, so a body must be given "
                "whole (content=b'…'). Nothing was sent"
            )
        written = {name.lower(): text for name, text in request.headers.items()}
        written.pop("authorization", None)
        # In the signer's form, so that it does not look at the clock itself.
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        if not moment.startswith(token.signing["date"]):
            raise InvalidInput(
                f"'{token.link_name}' was lent a key for another day. Nothing was sent",
                "Run the cell again",
            )
        written["x-amz-date"] = moment
        prepared = _Prepared(request.method, request.url, written, request.body)
        _signer(token)(prepared)
        return replace(request, headers=prepared.headers)

    def _made_of(self, values: dict[str, Secret]) -> TokenSet:
        secret = values.pop("secret_access_key")
        return TokenSet(access_token=secret, token_type="", further=values)


def _signer(token: AccessToken) -> Any:
    """Return a signer that has the day's key, and nothing to make another one of."""
    library, signing, secrets = _library(), token.signing, unpacked(token)
    key = library.AWS4SigningKey(
        "", signing["region"], signing["service"], signing["date"], False
    )
    key.key = bytes.fromhex(token.access_token.reveal())
    return library.StrictAWS4Auth(
        secrets["access_key_id"], key, session_token=secrets.get("session_token")
    )


def _library() -> Any:
    try:
        return importlib.import_module("requests_aws4auth")
    except ImportError:
        raise MissingPackage(
            "AWS signatures need the requests-aws4auth package",
            "Run %pip install requests-aws4auth",
        ) from None
