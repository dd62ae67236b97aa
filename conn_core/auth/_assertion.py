"""Proving who the client is with a private key (RFC 7523 2.2, OpenID Connect Core 9)."""

import json
import secrets
from typing import TYPE_CHECKING

from .._secret import Secret
from .._services import Service
from ..errors import RegistrationRequired

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 60
#: By curve; RSA keys have none.
_ALGORITHMS: dict[object, str] = {
    None: "RS256",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
}


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
    from joserfc import jwt  # noqa: PLC0415 - few services want one

    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": service.issuer or endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": int(now),
        "exp": int(now) + _LIFETIME,
    }
    private = _private_key(key)
    algorithm = None if private is None else _ALGORITHMS.get(private.get("crv"))
    if private is not None and algorithm is not None:
        header = {"alg": algorithm}
        if private.kid:
            header["kid"] = private.kid
        return jwt.encode(header, claims, private, algorithms=[algorithm])
    raise RegistrationRequired(
        f"{service.name} wants a private key (PEM or JWK) in the place of the client "
        "secret, and what is registered is none",
        f"Run %conn service register {service.id}",
    )


def _private_key(key: Secret) -> "RSAKey | ECKey | None":
    """Read a private key of whatever kind; None when it is none that can sign."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415 - as above

    text = key.reveal().strip()
    for kind in (RSAKey, ECKey):
        try:
            data = json.loads(text) if text.startswith("{") else text
            found: RSAKey | ECKey = kind.import_key(data)
        except (JoseError, ValueError, LookupError, TypeError, RecursionError):
            continue
        if found.is_private:
            return found
    return None
