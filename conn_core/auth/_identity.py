"""Identity tokens (OpenID Connect Core 2): whom they speak of, and that it is us they tell.

The token comes straight from the token endpoint over TLS, which stands in the place of
its signature (3.1.3.7, point 6). It logs nobody in: it ties the tokens to this attempt,
and tells whether a refresh still speaks of the same person. Of its header only the name
of the hash is read, so that nothing in it (a key, an address of keys, a compression) can
be obeyed.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from .._secret import Secret
from .._services import Service
from ..errors import ProviderError

_LARGEST = 16 * 1024
#: How far two clocks may be apart, seconds.
_LEEWAY = 300
#: It is made in answer to our question: one that old answers another.
_OLDEST = 24 * 3600
#: By the end of an algorithm's name (3.1.3.6).
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


def nonce_of(verifier: Secret) -> str:
    """Return the ``nonce`` of an attempt (15.5.2: a hash of what only we know).

    Args:
        verifier: The attempt's PKCE code verifier: fresh, sealed, and in no address.
    """
    hashed = hashlib.sha256(b"nonce " + verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def identity_in(id_token: object) -> str | None:
    """Return issuer and subject as one text; None when there is nothing readable."""
    claims = _part_of(id_token, 1)
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str):
        return None
    return json.dumps([issuer, subject])


def refuse_foreign_identity(
    service: Service,
    id_token: Secret,
    *,
    client_id: str,
    issuer: str | None,
    nonce: str,
    access_token: Secret,
    now: float,
) -> None:
    """Refuse an identity token that was not made for this attempt (3.1.3.7).

    Args:
        service: Who sent it.
        id_token: What was sent.
        client_id: Whom it must be meant for.
        issuer: Who must have made it; None when nobody told us.
        nonce: What it must repeat.
        access_token: What came with it.
        now: Seconds since 1970.

    Raises:
        ProviderError: If it was made by or for somebody else, or at another time.
    """
    from joserfc.errors import JoseError  # noqa: PLC0415 - few services send one
    from joserfc.jwt import JWTClaimsRegistry  # noqa: PLC0415 - as above

    claims = _part_of(id_token.reveal(), 1)
    wanted: dict[str, Any] = {
        "iss": {"essential": True} | ({"value": issuer} if issuer else {}),
        "sub": {"essential": True},
        "aud": {"essential": True, "value": client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    try:
        registry = JWTClaimsRegistry(now=int(now), leeway=_LEEWAY, **wanted)
        registry.validate(claims)
    except JoseError as error:
        raise _foreign(service, str(error.description or error.error)) from None
    if claims["iat"] < now - _OLDEST:
        raise _foreign(service, "it was made long ago")
    _look_at_parties(service, claims, client_id)
    _look_at_hash(service, id_token, claims, access_token)


def _look_at_parties(
    service: Service, claims: Mapping[str, Any], client_id: str
) -> None:
    """Look for others whom the token is meant for (points 3 to 5)."""
    audiences, party = claims["aud"], claims.get("azp")
    is_shared = isinstance(audiences, list) and len(set(audiences)) > 1
    if is_shared or (party is not None and party != client_id):
        raise _foreign(service, "it is meant for others, too")


def _look_at_hash(
    service: Service, id_token: Secret, claims: Mapping[str, Any], access_token: Secret
) -> None:
    """Compare ``at_hash`` with the access token, where it is there (3.1.3.8)."""
    told, algorithm = claims.get("at_hash"), _part_of(id_token.reveal(), 0).get("alg")
    make = _HASHES.get(algorithm[-3:]) if isinstance(algorithm, str) else None
    if told is None or make is None:
        return
    digest = make(access_token.reveal().encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
    if told != half:
        raise _foreign(service, "it came with another access token")


def _part_of(id_token: object, number: int) -> dict[str, Any]:
    """Return the header (0) or the claims (1); empty when they cannot be read."""
    if not isinstance(id_token, str) or len(id_token) > _LARGEST:
        return {}
    parts = id_token.split(".")
    if len(parts) != 3:  # an encrypted one has five
        return {}
    try:
        padded = parts[number] + "=" * (-len(parts[number]) % 4)
        decoded = base64.urlsafe_b64decode(padded)
        found = json.loads(decoded, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_number(name: str) -> NoReturn:
    msg = f"{name} is no number"
    raise ValueError(msg)


def _foreign(service: Service, why: str) -> ProviderError:
    shown = "".join(c for c in why if c.isprintable())[:200].rstrip(".")
    return ProviderError(
        f"{service.name} sent an identity token that is not for this authorization "
        f"({shown})",
        "Nothing was kept. Check this machine's clock, then authorize again",
    )
