"""What the checks look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from .._secret import Secret
from .._settings import Settings
from ..errors import InvalidInput

#: A file, because the address holds a password.
DATABASE_FILE: Final = "JUPYTER_CONNECTIONS_DATABASE_URL_FILE"


class Asks(Protocol):
    """The way out, as far as a check needs it."""

    def get(
        self, url: str, *, headers: Mapping[str, str], timeout: float | None = None
    ) -> Any:
        """Fetch an address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What the checks look at.

    Attributes:
        settings: Where things are.
        environ: The environment.
        now: Seconds since 1970.
        way_out: Asks a service for its time; None where nobody may be asked.
        database: The address of a shared database; None where it is a file.
        scheduler: jupyter-scheduler's own database, where it usually lies; None where
            nobody knows.
    """

    settings: Settings
    environ: Mapping[str, str]
    now: float
    way_out: Asks | None = None
    database: Secret | None = None
    scheduler: Path | None = None

    @property
    def file(self) -> Path:
        """The database where it is a file."""
        return self.settings.data_dir / "connections.db"


def address_in(environ: Mapping[str, str]) -> Secret | None:
    """Return the address of the shared database that the environment names.

    Raises:
        InvalidInput: If the file that holds it cannot be read.
    """
    file = environ.get(DATABASE_FILE)
    if not file:
        return None
    try:
        return Secret(Path(file).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"The address of the database cannot be read ({type(error).__name__})",
            f"Name its file in {DATABASE_FILE}",
        ) from None
