"""Whether a service that somebody describes may be used here."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from .._services import Service
from .._urls import is_loopback, split_host_pattern
from ..catalog import problems_by_field
from ..errors import InvalidInput

_HERE = "lies on this machine, and that is not allowed here"
_HTTPS = 443


def refuse_unusable(
    service: Service, *, allow_loopback: bool, allowed_ports: Collection[int] = ()
) -> None:
    """Refuse a description that misleads, shows a secret, or sends one anywhere.

    Addresses in internal networks are another matter: names are looked up when
    something is sent, and so is what an operator allows.

    Args:
        service: What was described.
        allow_loopback: The operator allows services on this machine.
        allowed_ports: Ports beside 443 that the operator allows.

    Raises:
        InvalidInput: With what to mend, by field.
    """
    fields = problems_by_field(service)
    ports = dict(_odd_ports(service, allowed_ports))
    here = () if allow_loopback else tuple(_on_this_machine(service))
    fields = {name: _closed(port) for name, port in ports.items()} | fields
    fields = dict.fromkeys(here, _HERE) | fields
    if not fields:
        return
    hint = ""
    if here:
        hint = "An operator allows it with c.Connections.allow_loopback = True"
    elif ports:
        opened = sorted({*allowed_ports, *ports.values()})
        hint = f"An operator allows it with c.Connections.allowed_ports = {opened}"
    listed = "; ".join(f"{name}: {words}" for name, words in fields.items())
    raise InvalidInput(f"Nothing was stored: {listed}", hint, fields=fields)


def refuse_odd_port(url: str, *, member: str, allowed_ports: Collection[int]) -> None:
    """Refuse to ask a server at a port that the operator has not opened.

    Whoever may make us knock at any port learns which ones somebody listens at.

    Args:
        url: The address.
        member: The field that holds it.
        allowed_ports: Ports beside 443 that the operator allows.

    Raises:
        InvalidInput: If it may not be asked.
    """
    port = _odd_port(url, allowed_ports)
    if port:
        opened = sorted({*allowed_ports, port})
        raise InvalidInput(
            f"Nothing was asked: {member} {_closed(port)}",
            f"An operator allows it with c.Connections.allowed_ports = {opened}",
            fields={member: _closed(port)},
        )


def _closed(port: int) -> str:
    return f"uses port {port}, and only {_HTTPS} is allowed here"


def _on_this_machine(service: Service) -> Iterator[str]:
    for name, url in service.addresses.items():
        if is_loopback(urlsplit(url).hostname or ""):
            yield name
    if any(is_loopback(split_host_pattern(host)[0]) for host in service.api_hosts):
        yield "api_hosts"


def _odd_ports(service: Service, opened: Collection[int]) -> Iterator[tuple[str, int]]:
    """Return which fields name a port that nobody has opened; this machine has any."""
    addresses = (*service.addresses.items(), *_hosts(service))
    for name, url in addresses:
        port = _odd_port(url, opened)
        if port:
            yield name, port


def _hosts(service: Service) -> Iterator[tuple[str, str]]:
    for host in service.api_hosts:
        yield "api_hosts", f"https://{host}"


def _odd_port(url: str, opened: Collection[int]) -> int:
    """Return the port of an address that may not be used; 0 where it may."""
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS
    except ValueError:
        return 0  # no address at all: that is said elsewhere
    known = port == _HTTPS or port in opened or is_loopback(parts.hostname or "")
    return 0 if known else port
