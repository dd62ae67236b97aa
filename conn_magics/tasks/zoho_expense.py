"""Zoho Expense."""

from datetime import date
from typing import Any

from ._task import answer_of, client_for

_ORGANISATION = "X-com-zoho-expense-organizationid"


def list_reports(
    *, organisation: str, data_centre: str = "com", connection: str | None = None
) -> list[dict[str, Any]]:
    """List expense reports, all of them.

    Args:
        organisation: The organisation's id.
        data_centre: The ending of Zoho's address, when the internal connection is made.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The reports as Zoho describes them.

    Raises:
        ConnectionsError: If they could not be listed.
    """
    zoho = client_for(
        "zoho_expense.list_reports",
        connection=connection,
        parameters={"dc": data_centre},
    )
    reports: list[dict[str, Any]] = []
    page, more = 1, True
    while more:
        response = zoho.get(
            "expensereports",
            params={"page": page},
            headers={_ORGANISATION: organisation},
        )
        answer = answer_of(response, doing="list the reports")
        reports += answer.get("expense_reports", [])
        page, more = page + 1, answer.get("page_context", {}).get("has_more_page")
    return reports


def create_report(
    *,
    organisation: str,
    name: str,
    start: date,
    end: date,
    description: str = "",
    data_centre: str = "com",
    connection: str | None = None,
) -> str:
    """Create an expense report, a draft.

    Args:
        organisation: The organisation's id.
        name: The report's name.
        start: Its first day.
        end: Its last day.
        description: What it is about.
        data_centre: The ending of Zoho's address, when the internal connection is made.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The report's id.

    Raises:
        ConnectionsError: If it could not be created.
    """
    zoho = client_for(
        "zoho_expense.create_report",
        connection=connection,
        parameters={"dc": data_centre},
    )
    report = {"report_name": name, "description": description}
    report |= {"start_date": start.isoformat(), "end_date": end.isoformat()}
    response = zoho.post(
        "expensereports", json=report, headers={_ORGANISATION: organisation}
    )
    answer = answer_of(response, doing="create the report")
    return str(answer["expense_report"]["report_id"])
