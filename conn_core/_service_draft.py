"""What people fill in to describe a service of their own."""

from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ._names import link_name_from, readable
from ._services import Service

#: What we answer about a service, or know of the ones that ship; nobody fills it in.
ANSWERED = frozenset(
    {
        "predefined",
        "owner",
        "agreement",
        "confidence",
        "sources",
        "redirect_uri",
        "registered",
        "version",
        "connection_count",
    }
)


class ServiceDraft(Service):
    """A service to be created, or the whole new description of one that is edited.

    All members of ``Service`` but those that only we can answer, and the client
    registration beside it. An edit that leaves ``client_secret`` out keeps the secret.

    Attributes:
        id: What code and redirect URLs write; made from the name when empty.
        api_hosts: Made from the API base URL when there are none.
        client_id: The client registration, where there is one already.
        client_secret: Its secret.
    """

    id: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{0,62})?$")] = ""
    api_hosts: tuple[str, ...] = ()
    client_id: Annotated[str, Field(max_length=500)] = ""
    client_secret: SecretStr | None = None

    _name_is_readable = field_validator("name", "description")(readable)

    @model_validator(mode="before")
    @classmethod
    def _only_what_people_fill_in(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        answered = sorted(ANSWERED & body.keys())
        if answered:
            msg = f"{answered[0]} cannot be set"
            raise ValueError(msg)
        filled = dict(body)
        if not filled.get("id"):
            filled["id"] = link_name_from(str(filled.get("name", ""))).replace("_", "-")
        if not filled.get("api_hosts"):
            filled["api_hosts"] = _hosts_of(filled.get("api_base_url"))
        return filled

    @model_validator(mode="after")
    def _has_an_id(self) -> Self:
        if not self.id:
            msg = "the name must hold letters a-z: the service's id is made from them"
            raise ValueError(msg)
        return self

    def described(self, *, owner: str) -> Service:
        """Return the service, without the registration.

        Args:
            owner: Who describes it.
        """
        members = self.model_dump(exclude={"client_id", "client_secret", *ANSWERED})
        return Service.model_validate(members | {"owner": owner})


def _hosts_of(base_url: Any) -> list[str]:
    """Return the base URL's host, and its port where it names one."""
    if not isinstance(base_url, str):
        return []
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return []
    if not host:
        return []
    return [f"{host}:{port}" if port else host]
