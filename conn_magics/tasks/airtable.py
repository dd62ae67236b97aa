"""Airtable."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from ._task import answer_of, client_for

#: As many records as Airtable takes in one request.
_BATCH = 10


def read_rows(
    *, base: str, table: str, connection: str | None = None
) -> list[dict[str, Any]]:
    """Read all rows of a table.

    Args:
        base: The base's id, ``app…``.
        table: The table's name or id.
        connection: A named connection to use in the place of the internal one.

    Returns:
        A dictionary per row: value by the name of its field.

    Raises:
        ConnectionsError: If they could not be read.
    """
    airtable = client_for("airtable.read_rows", connection=connection)
    rows: list[dict[str, Any]] = []
    page: dict[str, Any] = {"offset": ""}
    while "offset" in page:
        params = {"offset": page["offset"]} if page["offset"] else {}
        response = airtable.get(_table_of(base, table), params=params)
        page = answer_of(response, doing="read the rows")
        rows += [record["fields"] for record in page["records"]]
    return rows


def append_rows(
    *,
    base: str,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    connection: str | None = None,
) -> list[str]:
    """Append rows to a table.

    Args:
        base: The base's id, ``app…``.
        table: The table's name or id.
        rows: A dictionary per row: value by the name of its field.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The ids of the new rows.

    Raises:
        ConnectionsError: If they could not be appended. Those of the requests before
            stay.
    """
    airtable = client_for("airtable.append_rows", connection=connection)
    made: list[str] = []
    for batch in _batches(rows):
        body = {"records": [{"fields": dict(row)} for row in batch]}
        response = airtable.post(_table_of(base, table), json=body)
        answer = answer_of(response, doing="append the rows")
        made += [record["id"] for record in answer["records"]]
    return made


def _batches(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _table_of(base: str, table: str) -> str:
    return f"{quote(base, safe='')}/{quote(table, safe='')}"
