"""One file per authentication type: how a credential is obtained, renewed, applied.

Names are loaded when first used: kernels apply credentials, and do not pay for what
obtains them.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand

if TYPE_CHECKING:
    from ._answers import read_token_answer
    from ._choice import Choice, choose_flow
    from ._device import Ended, Polling
    from ._discovery import Metadata, discover
    from ._largest import LARGEST_FORM
    from ._parts import (
        Answer,
        Attempt,
        CallbackNames,
        Client,
        Consent,
        DeviceCode,
        GrantEnded,
        Outgoing,
        Returned,
        Steps,
        TokenRequest,
        TokenSet,
    )
    from ._placing import Sign, form_to_sign, form_type, unpacked
    from ._registration import Registered, register_client
    from ._requests import (
        authorization_url,
        code_request,
        poll_request,
        refresh_request,
        revocation_request,
    )
    from ._retry import LONGEST_WAIT, seconds_to_wait, wait_asked_for
    from ._shape import AuthType, SigningType, drive
    from ._timing import (
        dies_at,
        may_force_renewal,
        renewal_margin,
        wait_for_quota,
    )
    from ._types import SIGNED_BY_BROKER, TYPES, apply, auth_type, signing_type

_HOME = {
    "_answers": ("read_token_answer",),
    "_choice": ("Choice", "choose_flow"),
    "_device": ("Ended", "Polling"),
    "_discovery": ("Metadata", "discover"),
    "_largest": ("LARGEST_FORM",),
    "_parts": (
        "Answer",
        "Attempt",
        "CallbackNames",
        "Client",
        "Consent",
        "DeviceCode",
        "GrantEnded",
        "Outgoing",
        "Returned",
        "Steps",
        "TokenRequest",
        "TokenSet",
    ),
    "_placing": ("Sign", "form_to_sign", "form_type", "unpacked"),
    "_registration": ("Registered", "register_client"),
    "_requests": (
        "authorization_url",
        "code_request",
        "poll_request",
        "refresh_request",
        "revocation_request",
    ),
    "_retry": ("LONGEST_WAIT", "seconds_to_wait", "wait_asked_for"),
    "_shape": ("AuthType", "SigningType", "drive"),
    "_timing": ("dies_at", "may_force_renewal", "renewal_margin", "wait_for_quota"),
    "_types": ("SIGNED_BY_BROKER", "TYPES", "apply", "auth_type", "signing_type"),
}

__all__ = [
    "LARGEST_FORM",
    "LONGEST_WAIT",
    "SIGNED_BY_BROKER",
    "TYPES",
    "Answer",
    "Attempt",
    "AuthType",
    "CallbackNames",
    "Choice",
    "Client",
    "Consent",
    "DeviceCode",
    "Ended",
    "GrantEnded",
    "Metadata",
    "Outgoing",
    "Polling",
    "Registered",
    "Returned",
    "Sign",
    "SigningType",
    "Steps",
    "TokenRequest",
    "TokenSet",
    "apply",
    "auth_type",
    "authorization_url",
    "choose_flow",
    "code_request",
    "dies_at",
    "discover",
    "drive",
    "form_to_sign",
    "form_type",
    "may_force_renewal",
    "poll_request",
    "read_token_answer",
    "refresh_request",
    "register_client",
    "renewal_margin",
    "revocation_request",
    "seconds_to_wait",
    "signing_type",
    "unpacked",
    "wait_asked_for",
    "wait_for_quota",
]
__getattr__ = on_demand(__name__, _HOME)
