"""Proving who the client is with a private key (RFC 7523 2.2, OpenID Connect Core 9)."""

import json
import secrets

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from .._secret import Secret
from .._services import Service
from ..errors import RegistrationRequired

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 60
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


def client_assertion(
    service: Service, *, client_id: str, key: Secret, endpoint: str, now: float
) -> str:
    """Return a signed statement that we are the client.

    Its audience is one text: the issuer, or this very endpoint where the issuer is not
    known. With more than one, a hostile server could pass the statement on to another.

    Args:
        service: Whom it is for.
        client_id: Who we are there.
        key: The private key, PEM or JWK. Belongs to this service alone.
        endpoint: Where it is sent.
        now: Seconds since 1970.

    Raises:
        RegistrationRequired: If the key is none that can sign.
    """
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": service.issuer or endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": int(now),
        "exp": int(now) + _LIFETIME,
    }
    try:
        private = import_key(_read(key))
        algorithm = _ALGORITHMS[private.key_type]
        if private.key_type == "EC":
            algorithm = {"P-384": "ES384", "P-521": "ES512"}.get(
                str(private.get("crv")), "ES256"
            )
        header = {"alg": algorithm}
        if private.kid:
            header["kid"] = private.kid
        return jwt.encode(header, claims, private, algorithms=[algorithm])
    except (JoseError, ValueError, LookupError, TypeError):
        pass
    # Outside, without the cause: its frames hold the key.
    raise RegistrationRequired(
        f"{service.name} wants a private key (PEM or JWK) in the place of the client "
        "secret, and what is registered is none",
        f"Run %conn service register {service.id}",
    )


def _read(key: Secret) -> str | dict[str, str | list[str]]:
    text = key.reveal().strip()
    if not text.startswith("{"):
        return text
    found: dict[str, str | list[str]] = json.loads(text)
    return found
