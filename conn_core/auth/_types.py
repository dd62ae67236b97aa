"""The table of authentication types. Their modules are loaded when first used."""

import importlib
from functools import cache
from typing import TYPE_CHECKING, Final

from .._values import AccessToken
from ._parts import Outgoing
from ._placing import place
from ._shape import AuthType

if TYPE_CHECKING:
    from ._api_key import ApiKey
    from ._aws_sigv4 import AwsSigV4
    from ._basic import Basic
    from ._bearer import Bearer
    from ._oauth1 import OAuth1
    from ._oauth2 import OAuth2

    #: So that the type checker compares each with the shape.
    _ALL: list[AuthType] = [
        ApiKey(),
        AwsSigV4(),
        Basic(),
        Bearer(),
        OAuth1(),
        OAuth2(),
    ]

#: By ``Service.auth_type``: the module in this folder, and the class in it.
TYPES: Final = {
    "api_key": ("_api_key", "ApiKey"),
    "aws_sigv4": ("_aws_sigv4", "AwsSigV4"),
    "basic": ("_basic", "Basic"),
    "bearer": ("_bearer", "Bearer"),
    "oauth1": ("_oauth1", "OAuth1"),
    "oauth2": ("_oauth2", "OAuth2"),
}


@cache
def auth_type(name: str) -> AuthType:
    """Return an authentication type.

    Args:
        name: As a service's ``auth_type`` says.
    """
    module, kind = TYPES[name]
    made: AuthType = getattr(importlib.import_module(f".{module}", __package__), kind)()
    return made


def apply(token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
    """Return a request with a credential. For kernels: loads no type that signs nothing.

    Args:
        token: What a broker lent.
        request: What is to be sent; never changed. Its host was checked.
        now: Seconds since 1970; signatures hold the time.

    Raises:
        InvalidInput: If this request cannot carry the credential.
        MissingPackage: If it has to be signed by what is not installed.
    """
    if not token.signed_by:
        return place(token, request)
    return auth_type(token.signed_by).apply(token, request, now=now)
