"""Code to copy. Names have a strict character set; other texts are written as literals."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from ._names import identifier_from
from ._urls import fill_known
from ._values import Connection, Exposure
from .errors import InvalidInput

if TYPE_CHECKING:
    from ._services import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How code for a library looks.

    Attributes:
        library: Its name, or that of an adapter.
        code: With blanks for ``name``, ``variable``, and as literals ``path``, ``url``
            (the whole address of the path) and ``scope`` (all of the API's own).
        hosts: The APIs that it is for, with ``*``; none where it is for all.
        takes_token: The library sends the credential itself, as a bearer token.
    """

    library: str
    code: str
    hosts: tuple[str, ...] = ()
    takes_token: bool = False

    def fits(self, service: "Service", *, exposure: Exposure) -> bool:
        """Tell whether the code does something with a service."""
        if self.takes_token and not (exposure == "direct" and _sends_bearer(service)):
            return False
        return not self.hosts or any(
            fnmatchcase(host, pattern)
            for host in service.api_hosts
            for pattern in self.hosts
        )


_RECIPES: Final = (
    Recipe(library="httpx", code="%%connection {name}\n{variable}.get({path}).json()"),
    Recipe(
        library="async",
        code="%%connection {name} --client async\n"
        "(await {variable}.get({path})).json()",
    ),
    Recipe(
        library="requests",
        code="%%connection {name} --client requests\n{variable}.get({path}).json()",
    ),
    Recipe(
        library="pandas",
        code="%%connection {name}\n"
        "import pandas as pd\n\n"
        "pd.json_normalize({variable}.get({path}).json())",
    ),
    Recipe(
        library="python",
        code="import conn_magics as cm\n\n"
        '{variable} = cm.connect("{name}")\n'
        "{variable}.get({path}).json()",
    ),
    Recipe(
        library="gspread",
        hosts=("sheets.googleapis.com",),
        code="%%connection {name} --client gspread\n"
        'sheet = {variable}.open_by_key("THE-KEY-IN-ITS-ADDRESS")\n'
        "sheet.sheet1.get_all_values()",
    ),
    Recipe(
        library="pygithub",
        hosts=("api.github.com",),
        code="%%connection {name} --client pygithub\n{variable}.get_user().login",
    ),
    Recipe(
        library="slack",
        hosts=("slack.com",),
        code='%%connection {name} --client slack\n{variable}.auth_test()["user"]',
    ),
    Recipe(
        library="notion",
        hosts=("api.notion.com",),
        code='%%connection {name} --client notion\n{variable}.users.me()["name"]',
    ),
    Recipe(
        library="google_credentials",
        hosts=("*.googleapis.com",),
        takes_token=True,
        code="%%connection {name} --client google_credentials\n"
        "from google.auth.transport.requests import AuthorizedSession\n\n"
        "AuthorizedSession({variable}).get({url}).json()",
    ),
    Recipe(
        library="azure_credential",
        hosts=("graph.microsoft.com", "management.azure.com", "*.kusto.windows.net"),
        takes_token=True,
        code="%%connection {name} --client azure_credential\n"
        "{variable}.get_token({scope}).expires_on",
    ),
)
#: For every service, and for some.
LIBRARIES: Final = tuple(recipe.library for recipe in _RECIPES)


def libraries_for(
    service: "Service", *, exposure: Exposure = "direct"
) -> tuple[str, ...]:
    """Return the libraries that there is code for, the usual one first.

    Args:
        service: What is connected to.
        exposure: Of the connection: no token reaches a library where it is sealed.
    """
    return tuple(r.library for r in _RECIPES if r.fits(service, exposure=exposure))


def snippet(
    connection: Connection,
    *,
    library: str = "httpx",
    path: str | None = None,
    service: "Service | None" = None,
) -> str:
    """Return code that uses a connection; it holds no secret.

    Args:
        connection: What the code uses.
        library: One of ``libraries_for`` its service.
        path: What the example asks the service for; its test path when absent.
        service: Its service; without it any library is taken to fit.

    Raises:
        InvalidInput: If there is no such library, or none for this service.
    """
    known = LIBRARIES
    if service is not None:
        known = libraries_for(service, exposure=connection.exposure)
        path = path or fill_known(service.test_path or "/", connection.parameters)
    if library not in known:
        raise InvalidInput(
            f"There is no code for '{library[:40]}' here",
            f"Choose one of {', '.join(known)}",
        )
    base = _base_url(connection, service)
    path = path or "/"
    return _recipe(library).code.format(
        name=connection.link_name,
        variable=identifier_from(connection.link_name),
        path=_literal(path),
        url=_literal(base + path),
        scope=_literal(f"{_origin(base)}/.default"),
    )


def _recipe(library: str) -> Recipe:
    return next(recipe for recipe in _RECIPES if recipe.library == library)


def _sends_bearer(service: "Service") -> bool:
    place = (service.param_type, service.param_name, service.param_prefix)
    return (
        service.auth_type in {"oauth2", "bearer"}
        and not service.api_query
        and place == ("header", "Authorization", "Bearer ")
    )


def _base_url(connection: Connection, service: "Service | None") -> str:
    if service is None:
        return ""
    return fill_known(service.api_base_url, connection.parameters).rstrip("/")


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _literal(text: str) -> str:
    """Write a text as Python does; in double quotes where it is harmless."""
    return f'"{text}"' if re.fullmatch(r"[\w/.?=&:-]+", text, re.ASCII) else repr(text)
