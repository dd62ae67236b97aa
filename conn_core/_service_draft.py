"""What people fill in to describe a service of their own."""

from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ._drafts import plain_client_id
from ._names import is_link_name, link_name_from, readable
from ._services import ANSWERED, Service
from .errors import InvalidInput


class ServiceDraft(Service):
    """A service to be created, or the whole new description of one that is edited.

    All members of ``Service`` but those that only we can answer, and the client
    registration beside it. An edit that leaves ``client_secret`` out keeps the secret.

    Attributes:
        id: What code and redirect URLs write; made from the name when empty.
        api_hosts: Made from the API base URL when there are none.
        param_prefix: Nothing, where it is left out and a credential has a place of its
            own: no scheme stands before a key in ``X-Api-Key``.
        client_id: The client registration, where there is one already.
        client_secret: Its secret.
    """

    id: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{0,62})?$")] = ""
    category: Annotated[str, Field(max_length=100)] = ""
    api_hosts: tuple[str, ...] = ()
    client_id: Annotated[str, Field(max_length=500)] = ""
    client_secret: Annotated[SecretStr, Field(max_length=16_384)] | None = None

    _name_is_readable = field_validator("name", "description", "category")(readable)
    _client_id_is_plain = field_validator("client_id")(plain_client_id)

    @model_validator(mode="before")
    @classmethod
    def _only_what_people_fill_in(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        answered = sorted(ANSWERED & body.keys())
        if answered:
            told = dict.fromkeys(answered, "cannot be set: only we can answer it")
            msg = f"{answered[0]} cannot be set"
            raise InvalidInput(msg, fields=told)
        return _completed(body)

    @model_validator(mode="after")
    def _has_an_id(self) -> Self:
        if not self.id:
            words = "must hold letters a-z: the service's id is made from them"
            raise InvalidInput(f"the name {words}", fields={"name": words})
        if not is_link_name(self.id):
            words = "is a word of ours"
            raise InvalidInput(f"the id {words}", fields={"id": words})
        return self

    @model_validator(mode="after")
    def _secret_has_its_id(self) -> Self:
        if self.client_secret and not self.client_id:
            words = "is needed beside a client secret"
            raise InvalidInput(f"the client id {words}", fields={"client_id": words})
        return self

    def described(self, *, owner: str) -> Service:
        """Return the service, without the registration.

        Args:
            owner: Who describes it.
        """
        members = self.model_dump(exclude={"client_id", "client_secret", *ANSWERED})
        return Service.model_validate(members | {"owner": owner})


def _completed(body: dict[str, Any]) -> dict[str, Any]:
    """Return what was filled in, with what follows from it."""
    filled = {name: _tidied(name, value) for name, value in body.items()}
    if not filled.get("id"):
        filled["id"] = link_name_from(str(filled.get("name", ""))).replace("_", "-")
    if isinstance(filled.get("api_base_url"), str):
        filled["api_base_url"] = filled["api_base_url"].rstrip("/")
    if not filled.get("api_hosts"):
        filled["api_hosts"] = _hosts_of(filled.get("api_base_url"))
    if _has_a_place_of_its_own(filled):
        filled.setdefault("param_prefix", "")
    return filled


def _tidied(name: str, value: Any) -> Any:
    """Return what somebody pasted without the blanks around it."""
    means_its_blanks = name in {"scope_delimiter", "param_prefix"}
    return value.strip() if isinstance(value, str) and not means_its_blanks else value


def _has_a_place_of_its_own(filled: dict[str, Any]) -> bool:
    name = str(filled.get("param_name", "Authorization"))
    return filled.get("param_type", "header") != "header" or (
        name.lower() != "authorization"
    )


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
    host = f"[{host}]" if ":" in host else host
    return [f"{host}:{port}" if port else host]
