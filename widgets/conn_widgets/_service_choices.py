"""What of a service is chosen, not typed: segments and boxes, and when they are asked."""

from collections.abc import Callable, Sequence
from typing import Final

from conn_core.look import (
    AUTH_TYPES,
    CLIENT_AUTHENTICATIONS,
    GRANT_TYPES,
    PARAM_TYPES,
    SIGNATURES,
    Kind,
)

from ._fields import CheckField, Segments

#: Their names, and when they are asked.
CHOICES: Final[dict[str, Callable[[Kind], bool]]] = {
    "auth_type": lambda _: True,
    "grant_type": lambda kind: kind.is_oauth2,
    "param_type": lambda kind: kind.is_placed,
    "token_endpoint_auth_method": lambda kind: kind.is_oauth2,
    "signature_method": lambda kind: kind.auth_type == "oauth1",
    "pkce": lambda kind: kind.is_oauth2 and kind.has_browser,
    "use_login_user_credentials": lambda kind: not kind.client_alone,
}


def choice_fields() -> dict[str, Segments | CheckField]:
    """Make a field of each, by the name of the member that it answers."""

    def segments(label: str, choices: Sequence[Sequence[str]], **more: str) -> Segments:
        start = choices[0][0]
        return Segments(label=label, choices=choices, value=start, **more)

    return {
        "auth_type": segments("Authentication type", AUTH_TYPES),
        "grant_type": segments("Grant type", GRANT_TYPES),
        "param_type": segments("The credential is sent in", PARAM_TYPES),
        "token_endpoint_auth_method": segments(
            "Token endpoint authentication",
            CLIENT_AUTHENTICATIONS,
            help="How the client proves who it is when it asks for a token.",
        ),
        "signature_method": segments("Signature", SIGNATURES),
        "pkce": CheckField(
            label="PKCE",
            help="Proves that the one who began also ends. Without it, an intercepted "
            "code can be used by others; some old services refuse it.",
            value=True,
        ),
        "use_login_user_credentials": CheckField(
            label="Use credentials of login user",
            help="New connections begin with it: each person authorizes and uses their "
            "own account. Without it, everybody works as the one who connects.",
        ),
    }
