"""One file per authentication type: how a credential is obtained, renewed, applied."""

from ._oauth2 import (
    Client,
    GrantEnded,
    TokenRequest,
    TokenSet,
    authorization_url,
    code_request,
    read_token_answer,
    refresh_request,
    revocation_request,
)
from ._retry import LONGEST_WAIT, seconds_to_wait

__all__ = [
    "LONGEST_WAIT",
    "Client",
    "GrantEnded",
    "TokenRequest",
    "TokenSet",
    "authorization_url",
    "code_request",
    "read_token_answer",
    "refresh_request",
    "revocation_request",
    "seconds_to_wait",
]
