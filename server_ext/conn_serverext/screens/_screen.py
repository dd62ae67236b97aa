"""What all screens of the web page have in common."""

import functools
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from markupsafe import Markup
from tornado import web

from conn_core import look
from conn_core.errors import ConnectionsError

from .. import _look
from .._cookies import NoteCookie
from .._pages import PageHandler
from ._form import Form

_NOTE_SECONDS: Final = 120
_MOST_OF_A_NOTE: Final = 600
_FORM: Final = "application/x-www-form-urlencoded"
#: As for an OpenAPI document over REST, and what writing it as a form adds.
LARGEST_FORM: Final = 6 * 1024 * 1024
Tone = Literal["ok", "bad", "soon", "todo", "info"]
Problem = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What happened, said on the page after the one where it was asked for.

    Attributes:
        strong: What happened.
        rest: What it means.
        tone: How good that is.
    """

    strong: str
    rest: str = ""
    tone: Tone = "ok"


class ScreenHandler(PageHandler):
    """A page with forms. What a form asks for is done, then another page is shown."""

    unhappy: ClassVar[str] = "That did not work."

    def set_default_headers(self) -> None:
        """Let our own forms say where they come from, which no-referrer forbids."""
        super().set_default_headers()
        self.set_header("Referrer-Policy", "same-origin")

    async def prepare(self) -> None:
        """Take forms from our own pages only."""
        if self.request.method == "POST":
            self.refuse_other_sites()
        await super().prepare()

    def policy(self) -> str:
        """Allow the page its own stylesheet, and forms that come back here."""
        return _look.page_policy(forms=True)

    @property
    def here(self) -> str:
        """This page's path below all our pages; its query may hold a log-in token."""
        parts = self.request.path.split("/")
        return "/".join(parts[self.root.count("/") :])

    @functools.cached_property
    def form(self) -> Form:
        """What was filled in.

        Raises:
            HTTPError: If that is no form, or larger than any of ours.
        """
        if len(self.request.body) > LARGEST_FORM:
            raise web.HTTPError(413)
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if self.request.body and kind.lower() != _FORM:
            raise web.HTTPError(415)
        return Form(self.request.body_arguments)

    @property
    def way_on(self) -> tuple[str, str]:
        """From a page that says what went wrong, back to the list."""
        return self.root, "Connections"

    def show_screen(self, template: str, *, status: int = 200, **facts: Any) -> None:
        """Send a page.

        Args:
            template: Its file.
            status: The status of the answer.
            facts: What it shows.
        """
        html = _look.render(
            template,
            told=self._told(),
            person=self.person,
            root=self.root,
            here_below=self.here,
            theme=self.theme,
            at=look.now(),
            xsrf_field=Markup(self.xsrf_form_html()),  # noqa: S704 - tornado's own
            **facts,
        )
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(html)

    def go(self, path: str = "", *, note: Note | None = None) -> None:
        """Lead on to another page of ours; a reload there repeats nothing.

        Args:
            path: Below all our pages.
            note: What to say there.
        """
        if note is not None:
            self._remember(note)
        self.leave_for(self.root + path)

    def _remember(self, note: Note) -> None:
        words = {
            "strong": note.strong[:_MOST_OF_A_NOTE],
            "rest": note.rest[:_MOST_OF_A_NOTE],
            "tone": note.tone,
        }
        cookie = NoteCookie(self.request, self.root)
        self.set_signed_cookie(
            cookie.name,
            json.dumps(words),
            expires_days=None,
            max_age=_NOTE_SECONDS,
            **cookie.attributes(),
        )

    def _told(self) -> Note | None:
        """Return what the page before wanted said, once."""
        cookie = NoteCookie(self.request, self.root)
        kept = self.get_signed_cookie(cookie.name, max_age_days=_NOTE_SECONDS / 86_400)
        if not kept:
            return None
        self.set_cookie(cookie.name, "", max_age=0, **cookie.attributes())
        return Note(**json.loads(kept))


class Errors(dict[str, str]):
    """What is wrong with each field; nothing where a field is not named."""

    def __missing__(self, name: str) -> str:
        """Say that nothing is wrong."""
        return ""


def beside(
    error: ConnectionsError | None, shown: Collection[str]
) -> tuple[Errors, Problem | None]:
    """Return what to say beside which field, and what to say above the form.

    Args:
        error: What was refused, if anything.
        shown: The fields that are there, by the names that errors use.
    """
    found = Errors()
    if error is None:
        return found, None
    for name, words in error.fields.items():
        field = name if name in shown else name.partition(".")[0]
        if field in shown:
            found[field] = words
    says_all = bool(error.fields) and len(found) == len(error.fields)
    return found, None if says_all else look.spoken(error)
