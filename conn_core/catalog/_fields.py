"""What is wrong with a description, beside the field that has it.

The model refuses what is malformed. Here is what would mislead people, show a secret to
everybody, or send one where nobody means it to go.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from .._habits import headers_that_are_not_ours
from .._names import looks_like_a_secret, readable
from .._services import RESERVED_PARAMETERS, Service
from .._urls import check_endpoint, is_loopback, split_host_pattern

#: A member's path, such as ``scopes.0.name``, and what is wrong with it.
Problem = tuple[str, str]

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATH: Final = re.compile(r"/(?!/)[!-~]*")
#: Names by which a cloud's own service for its machines is known, and this machine.
_NOBODYS_HOST: Final = re.compile(
    r"(.*\.)?(localhost|localdomain)|metadata\.(google\.internal|azure\.com|goog)"
)
_MOST: Final = {
    "scopes": 500,
    "parameters": 20,
    "credential_fields": 20,
    "api_hosts": 50,
}
_SECRET: Final = "looks like a key or a token, and everybody here would see it"
#: What an authentication or grant type needs beyond the model, and what it is called.
_NEEDS: Final = {
    "oauth1": (
        "OAuth 1.0a",
        ("request_token_endpoint", "authorization_endpoint", "token_endpoint"),
    ),
    "aws_sigv4": ("AWS signatures, such as s3", ("signing_name",)),
    "device_code": ("the device code grant", ("device_authorization_endpoint",)),
}


class _Suffixes(Protocol):
    def is_public(self, domain: str) -> bool:
        """Tell whether everybody can have a name below a domain."""
        ...


def twice(member: str, names: Iterable[str], rest: str = "") -> Iterator[Problem]:
    """Say which names stand there more than once.

    Args:
        member: The list.
        names: Its names.
        rest: The path from an entry to its name.
    """
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            yield f"{member}.{place}{rest}", "is there twice"
        seen.add(name)


# --- what is missing ------------------------------------------------------------------


def _is_complete(service: Service) -> Iterator[Problem]:
    kind: str = service.auth_type
    called, names = _NEEDS.get(
        service.grant_type if kind == "oauth2" else kind, ("", ())
    )
    for name in names:
        if not getattr(service, name):
            yield name, f"is needed for {called}"


def _is_not_endless(service: Service) -> Iterator[Problem]:
    for name, most in _MOST.items():
        if len(getattr(service, name)) > most:
            yield name, f"must be at most {most}"


def _nobody_logs_in(service: Service) -> Iterator[Problem]:
    """With client credentials the application acts for itself (RFC 6749 4.4)."""
    if service.auth_type != "oauth2" or service.grant_type != "client_credentials":
        return
    if service.use_login_user_credentials:
        yield (
            "use_login_user_credentials",
            "does not go with client credentials: nobody logs in",
        )
    if service.token_endpoint_auth_method == "none":
        yield (
            "token_endpoint_auth_method",
            "must not be none: client credentials are how the client proves itself",
        )


# --- what people read -----------------------------------------------------------------


def _texts(service: Service) -> Iterator[tuple[str, str]]:
    """Return what people read, by field."""
    for name in ("name", "description", "category", "registration_help"):
        yield name, getattr(service, name)
    for place, scope in enumerate(service.scopes):
        yield f"scopes.{place}.display_name", scope.display_name
    for place, field in enumerate(service.credential_fields):
        yield f"credential_fields.{place}.display_name", field.display_name
        yield f"credential_fields.{place}.help", field.help
    for place, parameter in enumerate(service.parameters):
        for name in ("display_name", "help", "example"):
            yield f"parameters.{place}.{name}", getattr(parameter, name)


def _can_be_read(service: Service) -> Iterator[Problem]:
    for field, text in _texts(service):
        try:
            readable(text)
        except ValueError as error:
            yield field, str(error)


# --- what is sent ---------------------------------------------------------------------


def _sent(service: Service) -> Iterator[tuple[str, str]]:
    """Return what is sent as it stands, by field: everybody here can see it."""
    yield from ((f"scopes.{n}.name", s.name) for n, s in enumerate(service.scopes))
    for name in ("param_name", "param_prefix", "scope_delimiter", "test_path"):
        yield name, getattr(service, name) or ""
    for name in ("api_headers", "api_query", "authorization_parameters"):
        yield from ((name, text) for text in getattr(service, name).values())
    for name, url in service.addresses.items():
        yield name, urlsplit(url).path + "?" + urlsplit(url).query


def _holds_no_secret(service: Service) -> Iterator[Problem]:
    for field, text in _sent(service):
        if looks_like_a_secret(text):
            yield field, _SECRET


def _is_plain(service: Service) -> Iterator[Problem]:
    for field, text in _sent(service):
        if not (text.isascii() and text.isprintable()):
            yield field, "must be plain characters, copied exactly from the service"


def _names_the_place(service: Service) -> Iterator[Problem]:
    name = service.param_name
    if service.param_type != "header" or name.lower() == "authorization":
        return
    if not _TOKEN.fullmatch(name):
        yield "param_name", "must be a header's name, such as X-Api-Key"
        return
    try:
        headers_that_are_not_ours({name: ""})
    except ValueError:
        yield "param_name", "must be another header: every request sets this itself"


def _scopes_are_told_apart(service: Service) -> Iterator[Problem]:
    names = service.scope_names
    yield from twice("scopes", names, ".name")
    if not set(service.default_scopes) <= set(names):
        yield "default_scopes", "must all be among the scopes"
    delimiter = service.scope_delimiter
    if any(character.isalnum() for character in delimiter):
        yield (
            "scope_delimiter",
            "must be a sign, such as a comma: not a letter or digit",
        )
        return
    for place, name in enumerate(names):
        if delimiter in name:
            yield f"scopes.{place}.name", "must not contain the scope delimiter"


# --- where it goes --------------------------------------------------------------------


def _leads_somewhere(service: Service) -> Iterator[Problem]:
    hosts = [
        (name, urlsplit(url).hostname or "") for name, url in service.addresses.items()
    ]
    hosts += [("api_hosts", split_host_pattern(p)[0]) for p in service.api_hosts]
    for field, host in hosts:
        # Whether the three plain names of this machine may be used, the operator says.
        if _NOBODYS_HOST.fullmatch(host) and not is_loopback(host):
            yield field, "must not be this machine, or a cloud's own address"


def _asks_for_nothing_of_ours(service: Service) -> Iterator[Problem]:
    """Look into the authorize URL: what is there twice, servers read as they like."""
    query = parse_qsl(urlsplit(service.authorization_endpoint or "").query)
    taken = sorted(RESERVED_PARAMETERS & {name for name, _ in query})
    if taken:
        words = "must not contain {}: every request sets it itself"
        yield "authorization_endpoint", words.format(", ".join(taken))


def _can_be_opened(service: Service) -> Iterator[Problem]:
    if service.docs_url is not None:
        try:
            check_endpoint(service.docs_url.partition("#")[0])
        except ValueError as error:
            yield "docs_url", str(error)
    path = service.test_path
    if path is not None and (not _PATH.fullmatch(path) or set(path) & set("#\\")):
        yield "test_path", "must be a path such as /me, without blanks, # and \\"


def _hosts_are_somebodys(service: Service) -> Iterator[Problem]:
    if len(set(service.api_hosts)) < len(service.api_hosts):
        yield "api_hosts", "must not name a host twice"
    for pattern in service.api_hosts:
        domain = split_host_pattern(pattern)[0].removeprefix("*.")
        if pattern.startswith("*.") and _suffixes().is_public(domain):
            words = f"must say whose host it is: anybody can have one below {domain}"
            yield "api_hosts", words


@cache
def _suffixes() -> _Suffixes:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - a large list, for wildcards alone

    found: _Suffixes = PublicSuffixList(accept_unknown=False)
    return found


def _blanks_are_told_apart(service: Service) -> Iterator[Problem]:
    for member in ("parameters", "credential_fields"):
        names = [named.name for named in getattr(service, member)]
        yield from twice(member, names, ".name")


RULES_OF_FIELDS: Final[tuple[Callable[[Service], Iterator[Problem]], ...]] = (
    _is_complete,
    _is_not_endless,
    _nobody_logs_in,
    _can_be_read,
    _holds_no_secret,
    _is_plain,
    _names_the_place,
    _scopes_are_told_apart,
    _leads_somewhere,
    _asks_for_nothing_of_ours,
    _can_be_opened,
    _hosts_are_somebodys,
    _blanks_are_told_apart,
)
