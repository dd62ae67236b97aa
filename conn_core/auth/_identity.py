"""Whom an identity token speaks of (OpenID Connect Core 2).

The token comes straight from the token endpoint over TLS, which may stand in the place
of its signature (3.1.3.7, 6). It logs nobody in: it only tells whether a refresh still
speaks of the same person. Its header is not looked at, so that nothing in it (a key, an
address of keys, a compression) can be obeyed.
"""

import base64
import json

_LARGEST = 16 * 1024


def identity_in(id_token: object) -> str | None:
    """Return issuer and subject as one text; None when there is nothing readable."""
    if not isinstance(id_token, str) or len(id_token) > _LARGEST:
        return None
    parts = id_token.split(".")
    if len(parts) != 3:  # an encrypted one has five
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        issuer, subject = claims["iss"], claims["sub"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not isinstance(issuer, str) or not isinstance(subject, str):
        return None
    return json.dumps([issuer, subject])
