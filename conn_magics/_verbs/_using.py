"""Verbs that touch the service once: test, refresh."""

from .. import _words
from .._blocks import Note, Sentence
from .._desk import Desk
from .._unattended import needs_person_explained
from .._verb import NAME, argument, verb
from .._views import View


@verb(
    "test",
    NAME,
    argument(
        "--timeout",
        type=float,
        default=10.0,
        metavar="S",
        help="seconds to wait for the answer",
    ),
    reading=True,
)
def try_out(desk: Desk, *, name: str, timeout: float = 10.0) -> View:
    """Make one harmless call: does it work, as whom, how fast."""
    with needs_person_explained(name):
        result = desk.broker.test(name, timeout=timeout)
    return View(
        Sentence(result.message, "ok" if result.ok else "bad"),
        data=result.to_json(),
        outcome="ok" if result.ok else "failed",
    )


@verb("refresh", NAME)
def refresh(desk: Desk, *, name: str) -> View:
    """Obtain a new access token now."""
    with needs_person_explained(name):
        connection = desk.broker.refresh(name)
    ends = _words.ahead(connection.expires_at, desk.now())
    return View(
        Sentence(f"'{connection.link_name}' has a new access token", "ok"),
        *([Note(f"The authorization ends {ends}")] if ends else []),
        data=connection.to_json(),
    )
