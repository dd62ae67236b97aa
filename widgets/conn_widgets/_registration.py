"""The client registration of a service, asked for once where it is missing."""

from collections.abc import Callable

import ipywidgets

from conn_core import ClientRegistration, Secret, Service, read_draft
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError

from . import _html
from ._fields import CopyField, Field, SecretField
from ._problem import Problem
from ._stage import boxed, button

_WITH_CLIENT = ("oauth1", "oauth2")


class RegistrationFields:
    """Redirect URL to register, client id and client secret.

    Args:
        service: Whose registration.
        automatic: What *Register automatically* does, where the service offers it.

    Attributes:
        client_id: Where the client id is typed.
        client_secret: Where the secret is typed.
        box: What is shown.
    """

    def __init__(
        self, service: Service, *, automatic: Callable[[], None] | None = None
    ) -> None:
        self._service = service
        self._automatic = automatic
        self.problem = Problem()
        by_key = service.token_endpoint_auth_method == "private_key_jwt"
        self.client_id = Field(label="Client id", kind="code")
        self.client_secret = SecretField(
            label="Private key" if by_key else "Client secret",
            kind="lines" if by_key else "password",
            **({"placeholder": "PEM or JWK"} if by_key else {}),
        )
        fields = [self.client_id, *([self.client_secret] if self._has_secret else [])]
        head = ipywidgets.HTML(_html.group_head("Client registration", self._intro()))
        pair = ("conn-stack",) if by_key else ("conn-pair",)
        self.box = boxed(
            [head, *self._automatically(), *self._redirect(), boxed(fields, *pair)],
            "conn-group",
        )

    @staticmethod
    def is_missing(service: Service) -> bool:
        """Tell whether a service wants a registration and has none."""
        return service.auth_type in _WITH_CLIENT and not service.registered

    @property
    def fields(self) -> dict[str, Field | SecretField]:
        """The fields by the names that errors use."""
        secret = {"client_secret": self.client_secret} if self._has_secret else {}
        return {"client_id": self.client_id, **secret}

    @property
    def secrets(self) -> dict[str, SecretField]:
        """The secret fields in which something is typed."""
        return (
            {"client_secret": self.client_secret} if self.client_secret.filled else {}
        )

    def wrong(self) -> dict[str, str]:
        """Return what is missing, by field, before any secret leaves the browser.

        Raises:
            InvalidInput: If the client id cannot be one.
        """
        read_draft(ClientRegistration, {"client_id": self.client_id.value})
        missing = self._has_secret and not self.client_secret.filled
        return {"client_secret": "is needed"} if missing else {}

    def draft(self, secret: Secret | None) -> ClientRegistration:
        """Return what the broker keeps."""
        # No local variable for the secret: tracebacks may show those.
        return read_draft(
            ClientRegistration,
            {
                "client_id": self.client_id.value,
                "client_secret": None if secret is None else secret.reveal(),
            },
        )

    def register_automatically(self, broker: Broker) -> Service | None:
        """Let the service make a registration; what it refuses is said here.

        Args:
            broker: Who asks it.

        Returns:
            The service as it is then, None if it refused.
        """
        try:
            return broker.register_automatically(self._service.id)
        except ConnectionsError as error:
            self.problem.refuse(error)
            return None

    @property
    def _has_secret(self) -> bool:
        return self._service.token_endpoint_auth_method != "none"

    @property
    def _has_redirect(self) -> bool:
        service = self._service
        return (
            service.auth_type == "oauth1" or service.grant_type == "authorization_code"
        )

    def _intro(self) -> str:
        name = self._service.name
        register = (
            f"Register this redirect URL with {name}"
            if self._has_redirect
            else f"Register a client with {name}"
        )
        usual = f"{register}, then enter what {name} gives you."
        return (
            f"Your organisation has none for {name} yet. "
            f"{self._service.registration_help or usual} "
            "This is done once for everybody."
        )

    def _automatically(self) -> list[ipywidgets.Widget]:
        if self._service.registration_endpoint is None or self._automatic is None:
            return []
        name = self._service.name
        about = _html.paragraph(
            f"{name} can also make one for you, without its console."
        )
        register = button("Register automatically", self._automatic)
        words = boxed([ipywidgets.HTML(about), register], "conn-aside")
        return [words, self.problem]

    def _redirect(self) -> list[CopyField]:
        if not self._has_redirect:
            return []
        return [
            CopyField(
                label="Redirect URL",
                text=self._service.redirect_uri
                or "There is no server here that a browser could come back to",
                what="redirect URL",
            )
        ]
