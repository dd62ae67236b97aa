"""Which fields describe a service, and for which kinds of service each is shown."""

from collections.abc import Callable
from typing import Final

from conn_core.look import (
    ASKED,
    AUTH_TYPES,
    CLIENT_AUTHENTICATIONS,
    GRANT_TYPES,
    PARAM_TYPES,
    SIGNATURES,
    Kind,
)

BLANK_ROWS: Final = 3
#: What is typed.
TEXTS: Final = {asked.name: asked for asked in ASKED}
#: What chips answer: what there is to choose from, and when it is asked.
CHOICES: Final[dict[str, tuple[list[list[str]], Callable[[Kind], bool]]]] = {
    "auth_type": (AUTH_TYPES, lambda _: True),
    "grant_type": (GRANT_TYPES, lambda kind: kind.is_oauth2),
    "param_type": (PARAM_TYPES, lambda kind: kind.is_placed),
    "token_endpoint_auth_method": (
        CLIENT_AUTHENTICATIONS,
        lambda kind: kind.is_oauth2,
    ),
    "signature_method": (SIGNATURES, lambda kind: kind.auth_type == "oauth1"),
}
#: What boxes answer, what they begin with, and when they are asked.
BOXES: Final[dict[str, tuple[bool, Callable[[Kind], bool]]]] = {
    "pkce": (True, lambda kind: kind.is_oauth2 and kind.has_browser),
    "use_login_user_credentials": (False, lambda kind: not kind.client_alone),
}
#: Every kind of service, by the class that its fields have.
KINDS: Final = {
    **{f"oauth2-{grant}": Kind("oauth2", grant) for grant, _ in GRANT_TYPES},
    **{auth: Kind(auth, "authorization_code") for auth, _ in AUTH_TYPES[1:]},
}


def when(wanted: Callable[[Kind], bool]) -> str:
    """Return the classes of a field: for which kinds of service it is shown."""
    fits = [f"for-{name}" for name, kind in KINDS.items() if wanted(kind)]
    return "" if len(fits) == len(KINDS) else " ".join(["conn-when", *fits])
