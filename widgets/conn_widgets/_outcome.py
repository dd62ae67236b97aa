"""How an authorization ended: connected, or not."""

from collections.abc import Callable, Mapping

import ipywidgets

from conn_core import Authorization, Connection, Service
from conn_core.look import first_cell, used_by, valid_until

from . import _html
from ._credentials import asks_for
from ._fields import CopyField
from ._stage import Screen, button, panel

Connected = Callable[[Connection], None]


class DoneScreen(Screen):
    """Connected: as whom, with which scopes, and the cell to paste next.

    Args:
        connection: What was connected.
        service: To what.
        said: How it came about, where no page was opened.
        tested: Why it does not work after all; empty where nothing speaks against it.
        again: Authorizes once more.
        on_done: Gets the connection.
    """

    focus = ".conn-primary"

    def __init__(
        self,
        connection: Connection,
        service: Service,
        *,
        said: str = "",
        tested: str = "",
        again: Callable[[], None],
        on_done: Connected,
    ) -> None:
        self._connection = connection
        self._service = service
        self._said = said
        self._tested = tested
        self._code = first_cell(connection, service)
        shape, tone = ("warn", "soon") if tested else ("check", "ok")
        big = _html.icon(shape, more=f"conn-{tone} conn-icon--l")
        title = _html.title_line(self._title(), lede=self._lede(), mark=big)
        self.panel = panel(
            head=[ipywidgets.HTML(title)],
            body=[ipywidgets.HTML(part) for part in self._parts()]
            + [CopyField(label="Try it in a cell", text=self._code, kind="block")],
            foot=[
                button(
                    "Enter it again" if asks_for(service) else "Authorize again",
                    again,
                    kind="plain",
                ),
                CopyField(label="Copy code", text=self._code, kind="button"),
                button("Done", lambda: on_done(connection), kind="primary"),
            ],
        )

    def text(self) -> str:
        """Say who is connected and what to run next."""
        code = self._code.replace("\n", "\n  ")
        but = f"\n  {self._tested} Check what you typed." if self._tested else ""
        return f"{self._title()}\n  {self._lede()}{but}\n\n  {code}"

    def _title(self) -> str:
        account = self._connection.account
        if self._tested:
            return "Stored, but not working yet"
        return f"Connected as {account}" if account else "Connected"

    def _lede(self) -> str:
        ready = (
            f"{self._connection.name} is ready to use in every notebook, function and "
            "job of yours."
        )
        if self._tested:
            return self._said
        return f"{self._said} {ready}".strip()

    def _parts(self) -> list[str]:
        connection, service = self._connection, self._service
        parts = [self._warning()] if self._tested else []
        parts += [
            _html.facts(
                [
                    ("Account", connection.account or "not told by the service"),
                    ("Used by", used_by(connection)),
                    ("Valid until", valid_until(connection)),
                ]
            )
        ]
        granted = set(connection.granted_scopes)
        words = {scope.name: scope.display_name for scope in service.scopes}
        rows = [(words.get(s, ""), s, s in granted) for s in connection.scopes]
        if rows:
            parts.append(_html.scope_table(rows, service=service.name))
        missing = [f"‘{name}’" for _, name, was_granted in rows if not was_granted]
        if missing:
            parts.append(
                _html.note(
                    f"{service.name} did not grant {', '.join(missing)}.",
                    "Calls that need it will say so. Somebody who runs your "
                    f"organisation’s {service.name} may have to allow it first.",
                    tone="soon",
                    shape="warn",
                )
            )
        return parts

    def _warning(self) -> str:
        return _html.note(
            self._tested,
            "Check what you typed, and enter it again if it is not right.",
            tone="soon",
            shape="warn",
            alert=True,
        )


class EndedScreen(Screen):
    """Ended without a connection: what happened, and *Try again*.

    Args:
        about: The connection or the attempt.
        step: Which step of how many it was.
        what: What happened.
        then: What that means.
        again: Begins once more.
        on_close: Called when it is given up.
        other_ways: What else can be done, by the words of its button.
    """

    focus = ".conn-primary"

    def __init__(
        self,
        about: Authorization | Connection,
        *,
        step: str,
        what: str,
        then: str,
        again: Callable[[], None],
        on_close: Callable[[], None],
        other_ways: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        self._said = f"{what} {then}".strip()
        self._name = about.link_name
        message = _html.note(what, then, tone="bad", shape="stop", alert=True)
        self.panel = panel(
            head=[authorize_title(about, lede=step)],
            body=[ipywidgets.HTML(message)],
            foot=[
                button("Close", on_close, kind="cancel"),
                *(button(words, do) for words, do in (other_ways or {}).items()),
                button("Try again", again, kind="primary"),
            ],
        )

    def text(self) -> str:
        """Say what happened and what to run next."""
        return f"{self._said}\n  Run %conn authorize {self._name}"


def authorize_title(about: Authorization | Connection, *, lede: str) -> ipywidgets.HTML:
    """Return the head of *Authorize …*."""
    mark = _html.service_mark(about.service_name, about.service)
    title = f"Authorize {about.service_name}"
    return ipywidgets.HTML(_html.title_line(title, lede=lede, mark=mark))
