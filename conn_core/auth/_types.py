"""The table of authentication types. Their modules are loaded when first used."""

import importlib
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from .._values import AccessToken
from ..errors import InvalidInput
from ._parts import Outgoing
from ._placing import Sign, place, with_signature
from ._shape import AuthType, SigningType

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
    _SIGNING: list[SigningType] = [OAuth1()]

#: By ``Service.auth_type``: the module in this folder, and the class in it.
TYPES: Final = {
    "api_key": ("_api_key", "ApiKey"),
    "aws_sigv4": ("_aws_sigv4", "AwsSigV4"),
    "basic": ("_basic", "Basic"),
    "bearer": ("_bearer", "Bearer"),
    "oauth1": ("_oauth1", "OAuth1"),
    "oauth2": ("_oauth2", "OAuth2"),
}
#: Whose requests the broker signs, because what signs them is lent to nobody.
SIGNED_BY_BROKER: Final = frozenset({"oauth1"})


@cache
def auth_type(name: str) -> AuthType:
    """Return an authentication type.

    Args:
        name: As a service's ``auth_type`` says.
    """
    module, kind = TYPES[name]
    made: AuthType = getattr(importlib.import_module(f".{module}", __package__), kind)()
    return made


def signing_type(name: str) -> SigningType:
    """Return an authentication type whose requests the broker signs.

    Args:
        name: One of ``SIGNED_BY_BROKER``.
    """
    return cast("SigningType", auth_type(name))


def apply(
    token: AccessToken, request: Outgoing, *, now: float, sign: Sign | None = None
) -> Outgoing:
    """Return a request with a credential. For kernels: loads no type that signs nothing.

    Args:
        token: What a broker lent.
        request: What is to be sent; never changed. Its host was checked.
        now: Seconds since 1970; signatures hold the time.
        sign: Asks the broker for a signature, where the broker signs.

    Raises:
        InvalidInput: If this request cannot carry the credential.
        MissingPackage: If it has to be signed by what is not installed.
    """
    if not token.signed_by:
        return place(token, request)
    if token.signed_by not in SIGNED_BY_BROKER:
        return auth_type(token.signed_by).apply(token, request, now=now)
    if sign is None:
        raise InvalidInput(
            f"'{token.link_name}' is signed by the broker, request by request. "
            "Nothing was sent"
        )
    return with_signature(token, request, sign)
