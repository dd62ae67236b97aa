"""What is wrong with a record, in words. The model refuses what is malformed; here is
what makes a well-formed record useless or dangerous: its parts do not fit together.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from .._services import Service, ServiceParameter
from .._urls import host_matches
from ._fields import RULES_OF_FIELDS, Problem, twice
from ._files import read_records

_BLANK: Final = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
#: After a free blank in a host: a domain that belongs to one vendor.
_VENDORS_DOMAIN: Final = re.compile(r"[a-z0-9-]*(\.[a-z0-9-]+){2,}(:\d+)?")
#: What no free blank may take: each would leave the vendor's host or path.
_TRICKS: Final = (
    "evil.example/",
    "a b",
    "a/../b",
    "a@b:c",
    "a#",
    "a?b=c",
    "..",
    "é",
    "a\n",
)
#: What is sent with every request, and is neither typed nor a blank of the service.
_ALWAYS_KNOWN: Final = frozenset({"client_id", "credential"})
_TEMPLATES: Final = ("api_headers", "api_query")


def problems_in(path: Path) -> list[str]:
    """Return what is wrong with the services of a file, each with the service's id.

    Raises:
        InvalidInput: If it cannot be read as a catalogue file.
    """
    found: list[str] = []
    seen: set[str] = set()
    for record in read_records(path):
        service_id = record["id"]
        if service_id in seen:
            found.append(f"{service_id}: there is another service of this id")
        seen.add(service_id)
        found += [f"{service_id}: {problem}" for problem in problems_of(record)]
    return found


def problems_of(record: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a record, one sentence each; empty when it is usable.

    Args:
        record: The members of a service, as they stand in a file.
    """
    try:
        service = Service.model_validate(record)
    except ValidationError as error:
        return [_in_words(one) for one in error.errors(include_url=False)]
    rules = (_words, _category, *_RULES)
    return [f"{field}: {words}" for rule in rules for field, words in rule(service)]


def problems_by_field(service: Service) -> dict[str, str]:
    """Return what is wrong with a description that a person filled in, by field.

    Args:
        service: What they described. How well it reads is their matter.
    """
    found: dict[str, str] = {}
    for rule in _RULES:
        for field, words in rule(service):
            found.setdefault(field, words)
    return found


def example_of(service: Service) -> Service:
    """Return a service with its blanks filled by their examples.

    Raises:
        ValueError: If an example is not accepted, or a blank is left.
    """
    told = {p.name: p.example or p.default for p in service.parameters}
    return service.filled(told).completed(told)


def _in_words(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"]) or "service"
    return f"{where}: {str(problem['msg']).removeprefix('Value error, ')}"


def _words(service: Service) -> Iterator[Problem]:
    text = service.description
    if not text.endswith(".") or text.count(". "):
        yield "description", "must be one sentence that says what one does with it"
    for field in ("description", "registration_help"):
        if "!" in getattr(service, field):
            yield field, "no exclamation marks"


def _category(service: Service) -> Iterator[Problem]:
    if not service.category:
        yield "category", "is needed, so that people find it"


def _endpoints(service: Service) -> Iterator[Problem]:
    if service.habits.renewal.first_exchange and service.exchange_endpoint is None:
        yield "exchange_endpoint", "is needed for habits.renewal.first_exchange"
    if service.api_base_url.endswith("/"):
        yield "api_base_url", "must not end with /, for paths begin with it"
    if service.account_field is not None and service.test_path is None:
        yield "account_field", "is read from the answer of test_path, and there is none"


def _blanks(service: Service) -> Iterator[Problem]:
    parameters = {p.name: p for p in service.parameters}
    yield from twice("parameters", [p.name for p in service.parameters], ".name")
    used = _blanks_in_addresses(service) | _blanks_in(_sent(service))
    for name in sorted(_blanks_in_addresses(service) - parameters.keys()):
        yield "parameters", f"nothing fills the blank {{{name}}}"
    followed = {p.follows for p in service.parameters}
    for name in sorted(parameters.keys() - used - followed):
        yield "parameters", f"{name} fills no blank"
    for parameter in service.parameters:
        for problem in _parameter(service, parameter):
            yield "parameters", f"{parameter.name} {problem}"


def _parameter(service: Service, parameter: ServiceParameter) -> Iterator[str]:
    told = (*parameter.choices, parameter.default, parameter.example)
    if not all(parameter.accepts(value) for value in told if value):
        yield "does not accept its own default, example or choice"
    if parameter.filled_by == "choice":
        yield from _follower(service, parameter)
        return
    if not parameter.example:
        yield "needs an example"
    if not parameter.help or not parameter.display_name:
        yield "needs a display_name and a help, so that people know what to type"
    if any(parameter.accepts(trick) for trick in ("", *_TRICKS)):
        yield "accepts what would change where an address leads: narrow its pattern"
    habits = service.habits
    facts = {"callback": habits.callback.facts, "answer": habits.answer.facts}
    told_by = facts.get(parameter.filled_by)
    if told_by is not None and parameter.name not in {
        fact.parameter for fact in told_by.values()
    }:
        yield f"is filled by no fact of habits.{parameter.filled_by}.facts"


def _follower(service: Service, parameter: ServiceParameter) -> Iterator[str]:
    leaders = {p.name: p for p in service.parameters if p.choices}
    leader = leaders.get(parameter.follows)
    if leader is None:
        yield "must follow a parameter that has choices"
    elif set(leader.choices) != parameter.values.keys():
        yield f"must have a value for each choice of {leader.name}, and no other"


def _hosts(service: Service) -> Iterator[Problem]:
    """Look where a secret could go. Only a blank that says so may be any host."""
    addresses = [urlsplit(url).netloc for url in service.endpoints]
    parameters = {p.name: p for p in service.parameters}
    for host in sorted({*addresses, *service.api_hosts}):
        for name in _BLANK.findall(host):
            parameter = parameters.get(name)
            if parameter is None or _is_closed(parameter):
                continue
            rest = host.rpartition(f"{{{name}}}")[2]
            if not _VENDORS_DOMAIN.fullmatch(_BLANK.sub("x", rest)):
                words = (
                    f"{name} decides the host {host}: give it choices or "
                    "host_suffixes, or names_host where people run it themselves"
                )
                yield "parameters", words
    try:
        filled = example_of(service)
    except ValueError as error:
        yield "parameters", f"the examples make no usable service: {error}"
        return
    parts = urlsplit(filled.api_base_url)
    host, port = parts.hostname or "", parts.port or 443
    if not any(host_matches(pattern, host, port) for pattern in filled.api_hosts):
        yield "api_hosts", "must cover the host of api_base_url"


def _is_closed(parameter: ServiceParameter) -> bool:
    return bool(
        parameter.choices
        or parameter.follows
        or parameter.host_suffixes
        or parameter.names_host
    )


def _further(service: Service) -> Iterator[Problem]:
    """Look at what is sent beside the credential."""
    known = {
        *_ALWAYS_KNOWN,
        *(field.name for field in service.credential_fields),
        *(p.name for p in service.parameters),
        *service.habits.answer.keep,
    }
    for name in _TEMPLATES:
        for blank in sorted(_blanks_in(getattr(service, name).values()) - known):
            yield name, f"nothing fills the blank {{{blank}}}"
    if service.auth_type == "basic" and service.credential_fields:
        names = [field.name for field in service.credential_fields]
        if "username" not in names:
            yield "credential_fields", "user names are called username here"


def _sent(service: Service) -> list[str]:
    return [text for name in _TEMPLATES for text in getattr(service, name).values()]


def _blanks_in(texts: Any) -> set[str]:
    return {name for text in texts for name in _BLANK.findall(text)}


def _blanks_in_addresses(service: Service) -> set[str]:
    return _blanks_in((*service.endpoints, *service.api_hosts, service.test_path or ""))


_RULES: Final[tuple[Callable[[Service], Iterator[Problem]], ...]] = (
    *RULES_OF_FIELDS,
    _endpoints,
    _blanks,
    _hosts,
    _further,
)
