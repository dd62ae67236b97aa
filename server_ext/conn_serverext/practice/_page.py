"""Pages for people: the home page, errors, and the stylesheet of all of them."""

from importlib import resources
from typing import Any, ClassVar, Final

from ._grants import CODE_SECONDS
from ._handler import PracticeHandler
from ._people import PEOPLE, SCOPES
from ._sessions import Session
from ._world import NAME

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action {forms}; "
    "frame-ancestors 'none'; base-uri 'none'"
)


class PageHandler(PracticeHandler):
    """Answers browsers."""

    def set_default_headers(self) -> None:
        """Allow a page our stylesheet and our forms, and no more."""
        super().set_default_headers()
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.allow_forms_to("'self'")

    def allow_forms_to(self, places: str) -> None:
        """Say where forms may lead: browsers check the redirect that follows, too."""
        self.set_header("Content-Security-Policy", _POLICY.format(forms=places))

    def show(self, template: str, *, status: int = 200, **values: Any) -> None:
        """Send a page; every value in it is escaped."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self.render_string(template, service=NAME, **values))

    def show_problem(self, text: str, *, status: int) -> None:
        """Send a page that says what is wrong."""
        hint = "Go back to your notebook and open the link there again."
        self.show("problem.html", status=status, text=text, hint=hint)

    def show_error(self, status: int, reason: str) -> None:
        """Send an error as a page."""
        self.show("problem.html", status=status, text=f"{reason}.", hint="")

    @property
    def cookie_name(self) -> str:
        """The name of the session's cookie; cookies do not know ports."""
        return f"practice-{self.world.host.rpartition(':')[2]}"

    @property
    def session(self) -> Session | None:
        """The session of this browser."""
        return self.world.sessions.find(self.get_cookie(self.cookie_name))

    def remember(self, session: Session) -> None:
        """Give the browser its session."""
        self.set_cookie(
            self.cookie_name,
            session.key,
            path="/oauth/",
            httponly=True,
            samesite="Lax",
            expires_days=None,
        )


class HomePage(PageHandler):
    """``/``: what this is, and how to use it."""

    def get(self) -> None:
        """Show it."""
        self.show(
            "home.html",
            issuer=self.world.issuer,
            people=PEOPLE.values(),
            scopes=SCOPES.values(),
            code_seconds=CODE_SECONDS,
            access_seconds=self.world.grants.access_token_seconds,
            refresh_tokens=self.world.grants.refresh_tokens,
        )


class NothingHere(PageHandler):
    """Every address that is none."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

    def prepare(self) -> None:
        """Say so, whatever the verb."""
        super().prepare()
        self.show_problem("There is nothing at this address.", status=404)


class Stylesheet(PracticeHandler):
    """``/style.css``."""

    text: ClassVar[str] = (
        resources.files(__package__) / "static" / "style.css"
    ).read_text(encoding="utf-8")

    def get(self) -> None:
        """Send it."""
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", "max-age=3600")
        self.finish(self.text)
