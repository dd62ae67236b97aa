"""What an OpenAPI document says about reaching an API: servers and ``securitySchemes``.

OpenAPI 3.0 to 3.2, and Swagger 2. Nothing is fetched: ``$ref`` is followed inside the
document only.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ._documents import read_document
from ._values import ServiceProposal
from .errors import InvalidInput

_READS: Final = re.compile(r"(?i)(^|[^a-z])(read|view|list|get|readonly)([^a-z]|$)")
#: From what an API says it wants, the most telling first.
_FLOWS: Final = (
    ("authorizationCode", "authorization_code"),
    ("accessCode", "authorization_code"),  # Swagger 2
    ("deviceAuthorization", "device_code"),
    ("clientCredentials", "client_credentials"),
    ("application", "client_credentials"),  # Swagger 2
)
_ADDRESSES: Final = {
    "authorizationUrl": "authorization_endpoint",
    "tokenUrl": "token_endpoint",
    "refreshUrl": "refresh_endpoint",
    "deviceAuthorizationUrl": "device_authorization_endpoint",
}
_Members = dict[str, Any]


def read_openapi(text: str) -> ServiceProposal:
    """Propose a service from an OpenAPI document.

    Args:
        text: JSON or YAML, up to 2 MiB.

    Raises:
        InvalidInput: If it is no such document, or names no way to authenticate.
    """
    document = _document(text)
    notes: list[str] = []
    members = _about(document) | _server(document, notes)
    schemes = dict(_schemes(document))
    found = [(name, _scheme(scheme)) for name, scheme in schemes.items()]
    usable = [(name, scheme) for name, scheme in found if scheme]
    if not usable:
        raise _refused("it names no way to authenticate that we know")
    # OAuth before keys: it can be taken back, and is for people.
    usable.sort(key=lambda one: one[1].get("auth_type") != "oauth2")
    chosen, scheme = usable[0]
    others = [name for name in schemes if name != chosen]
    if others:
        notes.append(f"Taken: {chosen}. The document also names {', '.join(others)}.")
    if "issuer" in scheme:
        notes.append("The document leaves the rest to its issuer: fill from discovery.")
    return ServiceProposal(service=members | scheme, notes=tuple(notes))


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = read_document(text)
    except ValueError as error:
        raise _refused(str(error)) from None
    if not {"openapi", "swagger"} & document.keys():
        raise _refused("it has no member openapi or swagger")
    return document


def _about(document: Mapping[str, Any]) -> _Members:
    info = _map(document.get("info"))
    members = {"name": _line(info.get("title"), 200)}
    description = _line(info.get("description"), 400)
    return {n: v for n, v in (members | {"description": description}).items() if v}


def _line(value: object, longest: int) -> str:
    """Return the first line of a text, shortened to what a member takes."""
    text = value.strip().partition("\n")[0].strip() if isinstance(value, str) else ""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _server(document: Mapping[str, Any], notes: list[str]) -> _Members:
    servers = document.get("servers")
    listed = servers if isinstance(servers, list) else _swagger_servers(document)
    for server in map(_map, listed):
        url = _filled(server)
        if _host_of(url):
            host = urlsplit(url).netloc
            return {"api_base_url": url, "api_hosts": [host]}
    notes.append("The document names no whole address of a server: enter the base URL.")
    return {}


def _filled(server: Mapping[str, Any]) -> str:
    """Return a server's address with its variables' defaults."""
    url = str(server.get("url", ""))
    for name, variable in _map(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_map(variable).get("default", "")))
    return url.rstrip("/")


def _swagger_servers(document: Mapping[str, Any]) -> list[_Members]:
    host = document.get("host")
    if not isinstance(host, str):
        return []
    return [{"url": f"https://{host}{document.get('basePath', '')}"}]


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme == "https" else ""


def _schemes(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    components = _map(document.get("components"))
    named = components.get("securitySchemes") or document.get("securityDefinitions")
    for name, scheme in _map(named).items():
        yield str(name), _followed(_map(scheme), _map(named))


def _followed(scheme: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow one reference to another scheme of the document."""
    reference = str(scheme.get("$ref", ""))
    if not reference:
        return scheme
    return _map(named.get(reference.rpartition("/")[2]))


def _scheme(scheme: Mapping[str, Any]) -> _Members:
    """Return members of a service; none where the scheme is not one we know."""
    match scheme.get("type"), str(scheme.get("scheme", "")).lower():
        case "oauth2", _:
            return _oauth2(scheme)
        case ("http", "basic") | ("basic", _):
            return {"auth_type": "basic"}
        case "http", "bearer":
            return {"auth_type": "bearer"}
        case "apiKey", _:
            return _api_key(scheme)
        case "openIdConnect", _:
            return _open_id(scheme)
    return {}


def _api_key(scheme: Mapping[str, Any]) -> _Members:
    place, name = scheme.get("in"), scheme.get("name")
    if place not in {"header", "query"} or not isinstance(name, str) or not name:
        return {}  # a cookie is a browser's
    return {
        "auth_type": "api_key",
        "param_type": place,
        "param_name": name,
        "param_prefix": "",
    }


def _open_id(scheme: Mapping[str, Any]) -> _Members:
    """Return the issuer, which *Fill from discovery* asks for the rest."""
    url = str(scheme.get("openIdConnectUrl", ""))
    issuer, marker, _ = url.partition("/.well-known/openid-configuration")
    return {"auth_type": "oauth2", "issuer": issuer} if marker else {}


def _oauth2(scheme: Mapping[str, Any]) -> _Members:
    flows = _map(scheme.get("flows"))
    if "flow" in scheme:  # Swagger 2 has one, and its members beside it
        flows = {str(scheme["flow"]): scheme}
    for name, grant_type in _FLOWS:
        flow = _map(flows.get(name))
        if flow:
            addresses = {
                ours: flow[theirs]
                for theirs, ours in _ADDRESSES.items()
                if isinstance(flow.get(theirs), str)
            }
            scopes = list(_scopes(_map(flow.get("scopes"))))
            return {
                "auth_type": "oauth2",
                "grant_type": grant_type,
                "scopes": scopes,
            } | addresses
    return {}


def _scopes(told: Mapping[str, Any]) -> Iterator[_Members]:
    for name, words in told.items():
        yield {
            "name": str(name),
            "display_name": _line(words, 200),
            "read_only": bool(_READS.search(str(name))),
        }


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"Nothing was taken from the OpenAPI document: {why}",
        "Enter the service by hand, from its documentation",
        fields={"openapi": why},
    )
