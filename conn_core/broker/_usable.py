"""Whether a service that somebody describes may be used here."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from .._services import Service
from .._urls import is_loopback, split_host_pattern
from ..catalog import problems_by_field
from ..errors import InvalidInput

_HERE = "lies on this machine, and that is not allowed here"


def refuse_unusable(service: Service, *, allow_loopback: bool) -> None:
    """Refuse a description that misleads, shows a secret, or sends one anywhere.

    Addresses in internal networks are another matter: names are looked up when
    something is sent, and so is what an operator allows.

    Args:
        service: What was described.
        allow_loopback: The operator allows services on this machine.

    Raises:
        InvalidInput: With what to mend, by field.
    """
    fields = problems_by_field(service)
    hint = ""
    if not allow_loopback:
        here = dict.fromkeys(_on_this_machine(service), _HERE)
        fields = here | fields
        if here:
            hint = "An operator allows it with c.Connections.allow_loopback = True"
    if fields:
        listed = "; ".join(f"{name}: {words}" for name, words in fields.items())
        raise InvalidInput(f"Nothing was stored: {listed}", hint, fields=fields)


def _on_this_machine(service: Service) -> Iterator[str]:
    for name, url in service.addresses.items():
        if is_loopback(urlsplit(url).hostname or ""):
            yield name
    if any(is_loopback(split_host_pattern(host)[0]) for host in service.api_hosts):
        yield "api_hosts"
