"""The books of a small company that builds telescopes: what the API shows.

All of it is invented and the same at every start, so that notebooks and tests can name
numbers. Reports that somebody adds live until the service stops.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ._people import Person

Record = dict[str, Any]

FILTERS: Final = ("category", "country", "currency", "customer_id", "employee")
MOST_PER_PAGE: Final = 100
USUAL_PER_PAGE: Final = 20
_MOST_REPORTS: Final = 5_000
#: Details of a report are left out of lists, as many APIs do.
_COLUMNS: Final = (
    "id",
    "title",
    "employee",
    "employee_name",
    "department",
    "customer_id",
    "country",
    "category",
    "currency",
    "amount",
    "submitted",
    "status",
)


class AskedWrongly(Exception):
    """A request to the API that makes no sense; ``fields`` say what and why."""

    def __init__(self, **fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class ReportDraft(BaseModel):
    """A report that somebody adds."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    category: Literal[
        "conference", "equipment", "lodging", "meals", "shipping", "travel"
    ]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    amount: Annotated[
        float, Field(gt=0, le=1_000_000_000, strict=True, allow_inf_nan=False)
    ]
    customer_id: str | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


@dataclass(slots=True, kw_only=True)
class Books:
    """What the API shows.

    Attributes:
        today: The day of a new report, from the service's clock.
    """

    reports: list[Record]
    customers: list[Record]
    rates: list[Record]
    _by_id: dict[int, Record] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_id = {report["id"]: report for report in self.reports}

    def report(self, number: str) -> Record | None:
        """Return one report with its items."""
        return self._by_id.get(int(number)) if len(number) < 10 else None

    def chosen(self, query: Mapping[str, str]) -> list[Record]:
        """Return the reports that fit the filters, without their items."""
        status = query.get("status")
        wanted = {name: query[name] for name in FILTERS if name in query}
        if status is not None:
            wanted["status"] = status
        return [
            {column: report[column] for column in _COLUMNS}
            for report in self.reports
            if all(report[name] == value for name, value in wanted.items())
        ]

    def add(self, body: Any, *, person: Person, today: str) -> Record:
        """Add a report.

        Raises:
            AskedWrongly: If a field is missing or wrong, or there are too many reports.
        """
        if len(self.reports) >= _MOST_REPORTS:
            raise AskedWrongly(title="there are too many reports; start again")
        draft = self._read(body)
        report = {
            "id": self.reports[-1]["id"] + 1,
            "title": draft.title,
            "employee": person.login,
            "employee_name": person.name,
            "department": person.department,
            "customer_id": draft.customer_id,
            "country": draft.country,
            "category": draft.category,
            "currency": draft.currency,
            "amount": draft.amount,
            "submitted": today,
            "status": "submitted",
            "items": [],
        }
        self.reports.append(report)
        self._by_id[report["id"]] = report
        return report

    def rates_on(self, day: str | None) -> Record:
        """Return the euro's rates: the latest, or those in force on a day.

        Raises:
            AskedWrongly: If it is no day, or there are none of that day.
        """
        if day is not None:
            day = _day(day)
        known = [row for row in self.rates if day is None or row["date"] <= day]
        if not known:
            raise AskedWrongly(date=f"rates begin on {self.rates[0]['date']}")
        return {"base": "EUR", **known[-1]}

    def rates_history(self) -> list[Record]:
        """Return all rates in the long form that data frames like."""
        return [
            {"date": row["date"], "base": "EUR", "currency": currency, "rate": rate}
            for row in self.rates
            for currency, rate in row["rates"].items()
        ]

    def _read(self, body: Any) -> ReportDraft:
        try:
            draft = ReportDraft.model_validate(body)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
            raise AskedWrongly(
                **{
                    ".".join(map(str, p["loc"])) or "body": str(p["msg"])
                    for p in problems
                }
            ) from None
        if draft.currency not in {"EUR", *self.rates[-1]["rates"]}:
            raise AskedWrongly(currency="has no exchange rate here")
        known = {customer["id"] for customer in self.customers}
        if draft.customer_id is not None and draft.customer_id not in known:
            raise AskedWrongly(customer_id="there is no such customer")
        return draft


def open_books() -> Books:
    """Return the books as they are at every start."""
    return Books(
        reports=_load("reports"), customers=_load("customers"), rates=_load("rates")
    )


def one_page(items: Sequence[Record], query: Mapping[str, str]) -> Record:
    """Return a part of a list, and how many parts there are.

    Raises:
        AskedWrongly: If ``page`` or ``per_page`` is no sensible number.
    """
    page = _number(query, "page", usual=1, most=1_000_000)
    per_page = _number(query, "per_page", usual=USUAL_PER_PAGE, most=MOST_PER_PAGE)
    first = (page - 1) * per_page
    return {
        "items": list(items[first : first + per_page]),
        "page": page,
        "per_page": per_page,
        "pages": -(-len(items) // per_page),
        "total": len(items),
    }


def as_csv(items: Sequence[Record]) -> str:
    """Write reports as CSV (RFC 4180), with a head."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue()


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise AskedWrongly(date="must be a day such as 2026-03-31") from None


def _number(query: Mapping[str, str], name: str, *, usual: int, most: int) -> int:
    text = query.get(name, str(usual))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= number <= most:
        raise AskedWrongly(**{name: f"must be a number from 1 to {most}"})
    return number


def _load(name: str) -> list[Record]:
    file = resources.files(__package__) / "data" / f"{name}.json"
    rows: list[Record] = json.loads(file.read_text(encoding="utf-8"))
    return rows
