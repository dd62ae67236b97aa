"""The way out: the only place that opens sockets to services.

Names are loaded when first used: who finds a broker does not pay for the HTTP library.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand
from ._httpx_alone import leave_out_command

if TYPE_CHECKING:
    from ._address import AddressPolicy, networks_from
    from ._async_client import ConnectedAsyncClient, connected_async_client
    from ._client import ConnectedClient, connected_client
    from ._courier import CarriedAnswer, Courier
    from ._guard import check_address
    from ._loan import Errand, Lender, Loan
    from ._preload import preload
    from ._provider import ProviderAnswer, ProviderClient
    from ._redaction import needles_of
    from ._relay import Relay
    from ._relay_answer import RelayAnswer
    from ._source import TokenSource

leave_out_command()  # before anything here loads httpx

_HOME = {
    "_address": ("AddressPolicy", "networks_from"),
    "_async_client": ("ConnectedAsyncClient", "connected_async_client"),
    "_client": ("ConnectedClient", "connected_client"),
    "_courier": ("CarriedAnswer", "Courier"),
    "_guard": ("check_address",),
    "_loan": ("Errand", "Lender", "Loan"),
    "_preload": ("preload",),
    "_provider": ("ProviderAnswer", "ProviderClient"),
    "_redaction": ("needles_of",),
    "_relay": ("Relay",),
    "_relay_answer": ("RelayAnswer",),
    "_source": ("TokenSource",),
}

__all__ = [
    "AddressPolicy",
    "CarriedAnswer",
    "ConnectedAsyncClient",
    "ConnectedClient",
    "Courier",
    "Errand",
    "Lender",
    "Loan",
    "ProviderAnswer",
    "ProviderClient",
    "Relay",
    "RelayAnswer",
    "TokenSource",
    "check_address",
    "connected_async_client",
    "connected_client",
    "needles_of",
    "networks_from",
    "preload",
]
__getattr__ = on_demand(__name__, _HOME)
