"""The registered client: where it may be answered, and how it proves itself."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from conn_core import Secret

_LOOPBACK: Final = re.compile(
    r"(?P<origin>http://(127\.0\.0\.1|localhost|\[::1\]))"
    r"(:(?P<port>[1-9][0-9]{0,4}))?(?P<rest>/.*)"
)
_HIGHEST_PORT: Final = 65_535


class ClientRefused(Exception):
    """The client did not prove who it is (RFC 6749 5.2).

    Attributes:
        error: The protocol's word.
        description: A sentence for whoever writes the client.
        status: 401 where another proof could help, else 400.
    """

    def __init__(self, error: str, description: str, *, status: int = 401) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeClient:
    """An application that people may give access to.

    Attributes:
        name: What the consent page calls it.
        redirect_uris: Where answers may go; at a loopback host, on any port.
    """

    client_id: str
    client_secret: Secret
    name: str
    redirect_uris: tuple[str, ...]

    def may_be_answered_at(self, uri: str) -> bool:
        """Tell whether ``uri`` is registered.

        Compared character by character (RFC 9700 4.1.3), but for the port of a
        loopback address (RFC 8252 7.3).
        """
        if uri in self.redirect_uris:
            return True
        plain = _without_loopback_port(uri)
        return plain is not None and plain in {
            _without_loopback_port(known) for known in self.redirect_uris
        }

    def prove(self, shown: tuple[str, str]) -> None:
        """Check the credentials of a request (RFC 6749 2.3.1).

        Args:
            shown: The id and the secret in it.

        Raises:
            ClientRefused: If they are not this client's.
        """
        known = shown[0] == self.client_id
        if not (self.client_secret.same_as(shown[1]) and known):
            told = "The client id or the client secret is wrong"
            raise ClientRefused("invalid_client", told)


def credentials_in(header: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Return the client id and secret that a request shows (RFC 6749 2.3.1).

    Args:
        header: The ``Authorization`` header.
        form: The fields of the body.

    Raises:
        ClientRefused: If they are given twice, or contradict each other.
    """
    if header is None:
        return form.get("client_id", ""), form.get("client_secret", "")
    if "client_secret" in form:
        told = "The client authenticates in two ways at once"
        raise ClientRefused("invalid_request", told, status=400)
    shown = _basic_credentials(header)
    if form.get("client_id", shown[0]) != shown[0]:
        told = "The body names another client than the header"
        raise ClientRefused("invalid_request", told, status=400)
    return shown


def is_loopback_address(uri: str) -> bool:
    """Tell whether ``uri`` is an address of this machine, on any port."""
    return _without_loopback_port(uri) is not None


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    if scheme.lower() != "basic" or ":" not in pair:
        raise ClientRefused("invalid_client", "The Authorization header is no Basic")
    # Both halves are form-encoded before they are joined; many libraries forget it.
    name, _, secret = pair.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _without_loopback_port(uri: str) -> str | None:
    """Return a loopback address without its port; None for every other address.

    Cut out of the text: a parser would put right what must be refused, such as line
    breaks and another spelling of the scheme.
    """
    found = _LOOPBACK.fullmatch(uri)
    if found is None or int(found["port"] or 1) > _HIGHEST_PORT:
        return None
    return found["origin"] + found["rest"]
