"""Google Sheets."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ._task import answer_of, client_for


def read_rows(
    *, spreadsheet: str, cells: str, connection: str | None = None
) -> list[list[Any]]:
    """Read rows of a spreadsheet.

    Args:
        spreadsheet: Its id: the long part of its address.
        cells: Where, in A1 notation, such as ``Sheet1!A1:D`` or ``Sheet1``.
        connection: A named connection to use in the place of the internal one.

    Returns:
        A list per row, without empty cells at its end.

    Raises:
        ConnectionsError: If they could not be read.
    """
    sheets = client_for("google_sheets.read_rows", connection=connection)
    response = sheets.get(_values_of(spreadsheet, cells))
    return list(answer_of(response, doing="read the rows").get("values", []))


def append_rows(
    *,
    spreadsheet: str,
    cells: str,
    rows: Sequence[Sequence[Any]],
    connection: str | None = None,
) -> int:
    """Append rows below the table that is there.

    Args:
        spreadsheet: Its id: the long part of its address.
        cells: Where the table is, in A1 notation, such as ``Sheet1``.
        rows: What to append; texts are read as if a person had typed them.
        connection: A named connection to use in the place of the internal one.

    Returns:
        How many rows were appended.

    Raises:
        ConnectionsError: If they could not be appended.
    """
    sheets = client_for("google_sheets.append_rows", connection=connection)
    response = sheets.post(
        f"{_values_of(spreadsheet, cells)}:append",
        params={"valueInputOption": "USER_ENTERED"},
        json={"values": [list(row) for row in rows]},
    )
    answer = answer_of(response, doing="append the rows")
    return int(answer.get("updates", {}).get("updatedRows", 0))


def _values_of(spreadsheet: str, cells: str) -> str:
    return (
        f"v4/spreadsheets/{quote(spreadsheet, safe='')}/values/{quote(cells, safe='')}"
    )
