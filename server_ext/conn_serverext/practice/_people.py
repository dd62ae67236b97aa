"""Who can log in to the practice service, and what may be done in their name."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account.

    Attributes:
        password: No secret: the log-in page says it to everybody.
    """

    login: str
    password: str
    name: str
    department: str

    def account(self) -> dict[str, str]:
        """Return the account as ``/api/me`` shows it."""
        return {
            "login": self.login,
            "name": self.name,
            "email": f"{self.login}@practice.example",
            "department": self.department,
            "home_currency": "EUR",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeScope:
    """One permission that can be asked for."""

    name: str
    display_name: str
    read_only: bool = True


PEOPLE: Final = {
    person.login: person
    for person in (
        Person(
            login="ada",
            password="lovelace",
            name="Ada Lovelace",
            department="Analysis",
        ),
        Person(
            login="grace",
            password="hopper",
            name="Grace Hopper",
            department="Analysis",
        ),
    )
}
#: Whoever acts for an application and no person; nobody can log in as it.
MACHINE: Final = "robot"
ACCOUNTS: Final = PEOPLE | {
    MACHINE: Person(
        login=MACHINE, password="", name="Reporting Robot", department="Analysis"
    )
}
SCOPES: Final = {
    scope.name: scope
    for scope in (
        PracticeScope(name="reports.read", display_name="Read expense reports"),
        PracticeScope(
            name="reports.write", display_name="Add expense reports", read_only=False
        ),
        PracticeScope(name="customers.read", display_name="Read customers"),
        PracticeScope(name="rates.read", display_name="Read exchange rates"),
    )
}
#: What a request gets that names no scope (RFC 6749 3.3): nothing that changes things.
DEFAULT_SCOPES: Final = tuple(s.name for s in SCOPES.values() if s.read_only)


def log_in(login: str, password: str) -> Person | None:
    """Return whose name and password these are, or None."""
    person = PEOPLE.get(login.strip().lower())
    return person if person is not None and person.password == password else None
