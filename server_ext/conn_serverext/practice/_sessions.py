"""Browsers: who is logged in, and which questions are open."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ._asked import Asked
from ._people import Person

#: Somebody with many open tabs loses the oldest question, not the memory.
_MOST_QUESTIONS: Final = 20
_MOST_SESSIONS: Final = 500


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One browser.

    Attributes:
        key: The cookie's value.
        form_key: Stands in every form, so that no other page can send one.
        person: Who is logged in.
        questions: Requests that wait for a person, by id.
    """

    key: str = field(repr=False)
    form_key: str = field(repr=False)
    person: Person | None = None
    questions: dict[str, Asked] = field(default_factory=dict, repr=False)

    def sent_by_us(self, form_key: str) -> bool:
        """Tell whether a form is one of ours."""
        return hmac.compare_digest(self.form_key.encode(), form_key.encode())


@dataclass(slots=True, kw_only=True)
class Sessions:
    """All browsers that were here lately."""

    new_token: Callable[[], str]
    _known: dict[str, Session] = field(default_factory=dict, repr=False)

    def find(self, key: str | None) -> Session | None:
        """Return the session of a cookie."""
        return None if key is None else self._known.get(key)

    def begin(self) -> Session:
        """Begin a session for a browser without one."""
        session = Session(key=self.new_token(), form_key=self.new_token())
        self._keep(session)
        return session

    def ask(self, session: Session, asked: Asked) -> str:
        """Keep a request until the person has answered; return its id."""
        while len(session.questions) >= _MOST_QUESTIONS:
            del session.questions[next(iter(session.questions))]
        question = self.new_token()
        session.questions[question] = asked
        return question

    def become(self, session: Session, person: Person | None) -> Session:
        """Log in or out. The cookie changes: an old one is worth nothing afterwards."""
        self._known.pop(session.key, None)
        changed = Session(
            key=self.new_token(),
            form_key=self.new_token(),
            person=person,
            questions=session.questions,
        )
        self._keep(changed)
        return changed

    def _keep(self, session: Session) -> None:
        while len(self._known) >= _MOST_SESSIONS:
            del self._known[next(iter(self._known))]
        self._known[session.key] = session
