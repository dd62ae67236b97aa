"""Reading catalogue files: TOML, with one ``[[service]]`` table for each service."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import InvalidInput

Record = dict[str, Any]


def read_records(path: Path) -> list[Record]:
    """Read the services of one file; their members are not checked yet.

    Raises:
        InvalidInput: If it cannot be read, is no TOML, or is built otherwise.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise InvalidInput(
            f"The catalogue file {path} cannot be read ({error.strerror})",
            "Check JUPYTER_CONNECTIONS_CATALOG",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"The catalogue file {path} is no TOML: {error}") from None
    records: Any = content.get("service")
    if content.keys() != {"service"} or not _are_records(records):
        raise InvalidInput(
            f"The catalogue file {path} must hold [[service]] tables and nothing else, "
            "each with an id and a name"
        )
    return list(records)


def read_all(paths: Iterable[Path]) -> Iterator[tuple[Record, Path]]:
    """Read files, and the ``*.toml`` files of folders in the order of their names.

    Raises:
        InvalidInput: If a file cannot be read, or two have a service of the same id.
    """
    seen: dict[str, Path] = {}
    for path in _files_of(paths):
        for record in read_records(path):
            service_id = record["id"]
            if service_id in seen:
                raise clash(service_id, seen[service_id], path)
            seen[service_id] = path
            yield record, path


def clash(service_id: str, first: object, second: object) -> InvalidInput:
    """Return the error for two services of the same id."""
    return InvalidInput(
        f"The service '{service_id}' stands in {first} and in {second}, and only one "
        "can be meant",
        "Give the second another id",
    )


def _files_of(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.toml"))
        else:
            yield path


def _are_records(records: object) -> bool:
    return isinstance(records, list) and all(
        isinstance(record, dict)
        and isinstance(record.get("id"), str)
        and isinstance(record.get("name"), str)
        for record in records
    )
