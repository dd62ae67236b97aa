"""The API for analysts, behind access tokens (RFC 6750)."""

import json
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from tornado.web import HTTPError

from ._books import FILTERS, AskedWrongly, as_csv, one_page
from ._grants import Access
from ._handler import PracticeHandler
from ._people import ACCOUNTS, Person

_PAGE: Final = frozenset({"page", "per_page"})
_REPORTS: Final = frozenset({*FILTERS, "status"})


class ApiHandler(PracticeHandler):
    """An endpoint of the API.

    Attributes:
        needs: The scope for each verb; none where any token will do.
        parameters: What may stand in the query.
    """

    needs: ClassVar[dict[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()

    access: Access

    def prepare(self) -> None:
        """Let in who shows a good token that covers the scope."""
        self.world.counters.api_calls += 1
        super().prepare()
        access = self._shown_access()
        if access is None:
            return
        scope = self.needs.get(self.request.method or "")
        if scope is not None and scope not in access.scopes:
            self.world.counters.api_403 += 1
            self._challenge(403, error="insufficient_scope", scope=scope)
            return
        self.access = access

    @property
    def person(self) -> Person:
        """In whose name the request is made."""
        return ACCOUNTS[self.access.grant.person]

    @property
    def query(self) -> dict[str, str]:
        """The query by name; what is not known is refused, so that typos are seen.

        Raises:
            AskedWrongly: If there is a parameter that nobody knows.
        """
        found = self.one_each(self.request.query_arguments)
        unknown = sorted(found.keys() - self.parameters)
        if unknown:
            raise AskedWrongly(**dict.fromkeys(unknown, "is not known here"))
        return found

    def show_list(self, items: list[dict[str, Any]], query: dict[str, str]) -> None:
        """Send one page of a list, with the address of the next (RFC 8288)."""
        page = one_page(items, query)
        following = None
        if page["page"] < page["pages"]:
            place = {"page": page["page"] + 1, "per_page": page["per_page"]}
            following = (
                f"{self.world.issuer}{self.request.path}?{urlencode(query | place)}"
            )
            self.set_header("Link", f'<{following}>; rel="next"')
        self.finish(page | {"next": following})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say which parameter or field is wrong."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, AskedWrongly):
            self.set_status(422)
            self.finish({"error": "invalid_input", "fields": error.fields})
            return
        super().write_error(status_code, **kwargs)

    def log_exception(self, *problem: Any) -> None:
        """Log what is our fault; a wrong parameter is not."""
        if not isinstance(problem[1], AskedWrongly):
            super().log_exception(*problem)

    def _shown_access(self) -> Access | None:
        """Return what the token allows; else answer 401 (RFC 6750 3)."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            self.world.counters.api_401 += 1
            self._challenge(401)
            return None
        access = self.world.grants.find(token.strip())
        if access is None:
            self.world.counters.api_401 += 1
            self._challenge(401, error="invalid_token")
        return access

    def _challenge(self, status: int, **why: str) -> None:
        """Answer with a challenge; without a token it says no error (RFC 6750 3.1)."""
        said = {"realm": "Practice Expenses"} | why
        parts = ", ".join(f'{name}="{value}"' for name, value in said.items())
        self.set_header("WWW-Authenticate", f"Bearer {parts}")
        self.set_status(status)
        self.finish({"error": why.get("error", "no_token"), "status": status} | why)


class Me(ApiHandler):
    """``/api/me``: whose account it is. Any token will do."""

    def get(self) -> None:
        """Show the account."""
        self.finish(self.person.account() | {"scopes": list(self.access.scopes)})


class MyAccess(ApiHandler):
    """``/api/me/access``: this application's access to the account."""

    def delete(self) -> None:
        """End it, as a person would in the settings of the service.

        To practise what a connection does when the provider ends the authorization.
        """
        self.world.grants.end(self.access.grant)
        self.set_status(204)
        self.finish()


class Reports(ApiHandler):
    """``/api/reports``: expense reports, without their items."""

    needs: ClassVar = {"GET": "reports.read", "POST": "reports.write"}
    parameters: ClassVar = _PAGE | _REPORTS

    def get(self) -> None:
        """List the reports, oldest first."""
        query = self.query
        self.show_list(self.world.books.chosen(query), query)

    def post(self) -> None:
        """Add a report of the person whose token it is."""
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise AskedWrongly(body="must be JSON") from None
        report = self.world.books.add(
            body, person=self.person, today=self.world.today()
        )
        self.set_status(201)
        self.set_header("Location", f"{self.world.issuer}/api/reports/{report['id']}")
        self.finish(report)


class OneReport(ApiHandler):
    """``/api/reports/{id}``: one report with its items."""

    needs: ClassVar = {"GET": "reports.read"}

    def get(self, number: str) -> None:
        """Show it."""
        report = self.world.books.report(number)
        if report is None:
            raise HTTPError(404)
        self.finish(report)


class ReportsCsv(ApiHandler):
    """``/api/reports.csv``: the same as ``/api/reports``, all at once."""

    needs: ClassVar = {"GET": "reports.read"}
    parameters: ClassVar = _REPORTS

    def get(self) -> None:
        """Send the file."""
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="reports.csv"')
        self.finish(as_csv(self.world.books.chosen(self.query)))


class Customers(ApiHandler):
    """``/api/customers``."""

    needs: ClassVar = {"GET": "customers.read"}
    parameters: ClassVar = _PAGE

    def get(self) -> None:
        """List the customers."""
        self.show_list(self.world.books.customers, self.query)


class Rates(ApiHandler):
    """``/api/rates``: what one euro is worth, latest or on a day."""

    needs: ClassVar = {"GET": "rates.read"}
    parameters: ClassVar = frozenset({"date"})

    def get(self) -> None:
        """Show the rates."""
        self.finish(self.world.books.rates_on(self.query.get("date")))


class RatesHistory(ApiHandler):
    """``/api/rates/history``: all rates, one row for each month and currency."""

    needs: ClassVar = {"GET": "rates.read"}
    parameters: ClassVar = _PAGE

    def get(self) -> None:
        """List them."""
        self.show_list(self.world.books.rates_history(), self.query)


class NothingHere(ApiHandler):
    """Every address of the API that is none."""

    SUPPORTED_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

    def prepare(self) -> None:
        """Ask for a token first, as everywhere."""
        super().prepare()
        if not self._finished:
            raise HTTPError(404)
