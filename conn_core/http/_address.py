"""Which addresses of the internet may be connected to.

Names are no protection: a public name may lead to this machine or to the internal
network, and to something else each time it is looked up. What is checked is every
address a name leads to, and the one that was checked is the one that is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from .._urls import is_loopback
from ..errors import HostNotAllowed, InvalidInput

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Where clouds hand out the machine's own credentials: never, whatever is allowed.
_METADATA: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # AWS, Google, Azure, OpenStack; link-local as a whole
        "fe80::/10",
        "fd00:ec2::/32",  # AWS
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure's host, a public address
        "192.0.0.192/32",  # Oracle
    )
)
_METADATA_NAMES: Final = frozenset({"metadata.google.internal", "metadata.azure.com"})
#: IPv4 inside IPv6 that Python calls global whatever the IPv4 address is.
_NAT64: Final = ip_network("64:ff9b::/96")
_LOCAL_NAT64: Final = ip_network("64:ff9b:1::/48")
_COMPATIBLE: Final = ip_network("::/96")


def networks_from(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that an operator has listed.

    Raises:
        InvalidInput: If one is none, such as an address with more bits than its mask.
    """
    found = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError as error:
            raise InvalidInput(
                f"'{text}' among the allowed networks is no network ({error})",
                "Write it like 10.20.0.0/16 in c.Connections.allowed_networks or "
                "JUPYTER_CONNECTIONS_ALLOWED_NETWORKS",
            ) from None
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Decides where connections may go.

    Attributes:
        allow_loopback: Services on this machine may be used, by the names that say so.
        allowed_networks: Internal networks that an operator has listed.
    """

    allow_loopback: bool = False
    allowed_networks: tuple[Network, ...] = ()

    def permit(self, host: str, addresses: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses of a host if each of them may be connected to.

        Args:
            host: The name as it stands in the URL.
            addresses: What the name leads to.

        Raises:
            HostNotAllowed: If one of them may not.
        """
        found = tuple(dict.fromkeys(addresses))
        if host.rstrip(".") in _METADATA_NAMES or not all(
            self._permits(host, ip_address(address)) for address in found
        ):
            raise HostNotAllowed(
                f"{host} is this machine or lies in an internal network, and that is "
                "not allowed here. Nothing was sent",
                "An operator lists such networks in c.Connections.allowed_networks",
            )
        return found

    def _permits(self, host: str, address: Address) -> bool:
        inner = _unwrapped(address)
        if inner is None or _in_one_of(inner, _METADATA):
            return False
        if is_loopback(host):
            # Only the three names that say so may lead to this machine.
            return self.allow_loopback and inner.is_loopback
        return _is_public(inner) or (
            not inner.is_loopback and _in_one_of(inner, self.allowed_networks)
        )


def _unwrapped(address: Address) -> Address | None:
    """Return the IPv4 address inside an IPv6 one; None for tunnels nobody needs."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None or address in _LOCAL_NAT64:
        return None
    if address in _COMPATIBLE and int(address) > 1:
        return None
    return address


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not (isinstance(address, IPv6Address) and address.is_site_local)
    )


def _in_one_of(address: Address, networks: Iterable[Network]) -> bool:
    return any(
        address in network for network in networks if network.version == address.version
    )
