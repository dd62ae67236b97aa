"""The person's part: the authorize, log-in and consent pages (RFC 6749 4.1.1, 4.1.2)."""

from typing import Final

from tornado.web import HTTPError

from ._asked import Asked, NotToBeAnswered, Refused, read_request, with_answer
from ._page import PageHandler
from ._people import PEOPLE, SCOPES, log_in
from ._sessions import Session

_FORGOTTEN: Final = "This question was answered before, or it is too old."
_NOT_OURS: Final = "This form was not sent from a page of this service."


class AuthorizePage(PageHandler):
    """``/oauth/authorize``: reads the request, then asks the person."""

    def get(self) -> None:
        """Check the request before anything is shown."""
        query = {
            name: [self.decode_argument(value, name) for value in values]
            for name, values in self.request.query_arguments.items()
        }
        try:
            asked = read_request(query, self.world.clients)
        except NotToBeAnswered as error:
            self.show_problem(f"{error}.", status=400)
            return
        except Refused as error:
            fields = error.fields | {"iss": self.world.issuer}
            self.leave_for(with_answer(error.location, fields))
            return
        self.world.counters.authorization_requests += 1
        session = self.session or self.world.sessions.begin()
        self.remember(session)
        question = self.world.sessions.ask(session, asked)
        step = "log-in" if session.person is None else "consent"
        self.leave_for(f"/oauth/{step}/{question}")


class QuestionPage(PageHandler):
    """A page about one request, in the browser that brought it."""

    def open_question(self, question: str) -> tuple[Session, Asked] | None:
        """Return the session and the request; else say that there is none."""
        session = self.session
        if session is None or question not in session.questions:
            self.show_problem(_FORGOTTEN, status=400)
            return None
        return session, session.questions[question]

    def answered_question(self, question: str) -> tuple[Session, Asked] | None:
        """Return the same for a form, if a page of ours sent it."""
        found = self.open_question(question)
        if found is not None and not found[0].sent_by_us(self.field("form_key")):
            self.show_problem(_NOT_OURS, status=403)
            return None
        return found

    def field(self, name: str) -> str:
        """Return a field of the form."""
        return self.get_body_argument(name, "")


class LogInPage(QuestionPage):
    """``/oauth/log-in/{question}``."""

    def get(self, question: str) -> None:
        """Show the form."""
        found = self.open_question(question)
        if found is not None:
            self._show_form(found[0], question)

    def post(self, question: str) -> None:
        """Log in, then go on to the consent page."""
        found = self.answered_question(question)
        if found is None:
            return
        session, _ = found
        person = log_in(self.field("login"), self.field("password"))
        if person is None:
            self._show_form(session, question, status=403)
            return
        self.world.counters.log_ins += 1
        self.remember(self.world.sessions.become(session, person))
        self.leave_for(f"/oauth/consent/{question}")

    def _show_form(self, session: Session, question: str, *, status: int = 200) -> None:
        self.show(
            "log-in.html",
            status=status,
            question=question,
            form_key=session.form_key,
            people=PEOPLE.values(),
            login=self.field("login"),
            wrong=status != 200,
        )


class LogOutForm(QuestionPage):
    """``/oauth/log-out/{question}``: continue as somebody else."""

    def post(self, question: str) -> None:
        """Log out, then ask who it is."""
        found = self.answered_question(question)
        if found is not None:
            self.remember(self.world.sessions.become(found[0], None))
            self.leave_for(f"/oauth/log-in/{question}")


class ConsentPage(QuestionPage):
    """``/oauth/consent/{question}``."""

    def get(self, question: str) -> None:
        """Show what is asked for."""
        found = self.open_question(question)
        if found is None:
            return
        session, asked = found
        if session.person is None:
            self.leave_for(f"/oauth/log-in/{question}")
            return
        # A browser follows the form to us and on to the application.
        self.allow_forms_to(f"'self' {_policy_source(asked)}")
        self.show(
            "consent.html",
            question=question,
            form_key=session.form_key,
            person=session.person,
            application=asked.application,
            returns_to=asked.returns_to,
            scopes=[SCOPES[name] for name in asked.scopes],
        )

    def post(self, question: str) -> None:
        """Answer the application: a code, or that the person said no."""
        found = self.answered_question(question)
        if found is None:
            return
        session, asked = found
        if session.person is None:
            raise HTTPError(403)
        del session.questions[question]
        kept = set(self.get_body_arguments("scope"))
        scopes = tuple(name for name in asked.scopes if name in kept)
        answer = {"error": "access_denied"}
        if self.field("answer") == "allow" and scopes:
            code = self.world.grants.issue_code(
                session.person.login,
                scopes=scopes,
                redirect_uri=asked.redirect_uri,
                challenge=asked.challenge,
            )
            answer = {"code": code}
        self.leave_for(asked.answered(issuer=self.world.issuer, **answer))


def _policy_source(asked: Asked) -> str:
    """Name the application's origin to a policy, which cannot write IPv6 addresses."""
    return "http:" if "[" in asked.returns_to else asked.returns_to
