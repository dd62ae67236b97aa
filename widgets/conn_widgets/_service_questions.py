"""Questions about a service: before credentials end, before it is deleted; and its export."""

from collections.abc import Callable

import ipywidgets

from conn_core import Service, service_to_toml
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import counted

from . import _html
from ._fields import CopyField
from ._problem import Problem
from ._stage import Screen, Stage, button, panel

_MOST = 4


class _Question(Screen):
    """A question with Cancel and a danger button.

    Args:
        stage: Where it is shown.
        title: The question.
        lede: What it means.
        lines: Who or what ends: a name to stress, and the rest of the line.
        does: The words of the danger button.
        deed: Does it; what it refuses is said here.
        on_cancel: Called when it was not done.
    """

    focus = ".conn-cancel"

    def __init__(
        self,
        stage: Stage,
        *,
        title: str,
        lede: str,
        lines: list[tuple[str, str]],
        does: str,
        deed: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self._stage = stage
        self._words = f"{title} {lede}"
        self._lines = lines
        self._deed = deed
        self.problem = Problem()
        ends = [ipywidgets.HTML(_html.stops(lines))] if lines else []
        self.panel = panel(
            head=[ipywidgets.HTML(_html.title_line(title, lede=lede))],
            body=[self.problem, *ends],
            foot=[
                button("Cancel", on_cancel, kind="stay"),
                button(does, self.submit, kind="danger"),
            ],
        )

    def submit(self) -> None:
        """Do it."""
        try:
            self._deed()
        except ConnectionsError as error:
            self.problem.refuse(error)
            self._stage.focus_on_error()

    def text(self) -> str:
        """Return the question."""
        lines = "".join(f"\n  - {strong}{rest}" for strong, rest in self._lines)
        return f"{self._words}{lines}\n  This form needs a notebook."


class AtStakeScreen(_Question):
    """Asks before a change of a service ends live credentials.

    Args:
        stage: Where it is shown.
        broker: Whom to ask who is concerned.
        service: What is changed.
        why: Why it was refused without the question.
        on_agreed: Makes the change.
        on_cancel: Goes back to the form.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        service: Service,
        *,
        why: str,
        on_agreed: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        super().__init__(
            stage,
            title=f"End the credentials of {service.name}?",
            lede=f"{why.rstrip('.')}. Credentials belong to the addresses they were "
            "made for: everybody has to authorize again.",
            lines=_concerned(broker, service),
            does="Update and end them",
            deed=on_agreed,
            on_cancel=on_cancel,
        )


class DeleteServiceScreen(_Question):
    """Asks before a service is deleted.

    Args:
        stage: Where it is shown.
        broker: Who deletes it.
        service: What is deleted.
        on_done: Called when it is gone.
        on_cancel: Called when it stays.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        service: Service,
        *,
        on_done: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        def delete() -> None:
            broker.delete_service(service.id)
            on_done()

        super().__init__(
            stage,
            title=f"Delete {service.name}?",
            lede="This cannot be undone. Its client registration is deleted too. A "
            "service that connections use cannot be deleted.",
            lines=_concerned(broker, service),
            does="Yes, delete",
            deed=delete,
            on_cancel=on_cancel,
        )


class ExportScreen(Screen):
    """A service as a file to keep or to hand on; it holds no secret.

    Args:
        service: What is exported.
        on_close: Goes back.
    """

    focus = ".conn-foot button"

    def __init__(self, service: Service, *, on_close: Callable[[], None]) -> None:
        self._toml = service_to_toml(service)
        mark = _html.service_mark(service.name, service.id)
        lede = "It holds no secret. Import it elsewhere to create the same service."
        title = _html.title_line(f"Export {service.name}", lede=lede, mark=mark)
        self.panel = panel(
            head=[ipywidgets.HTML(title)],
            body=[CopyField(text=self._toml, kind="block")],
            foot=[
                button("Close", on_close, kind="cancel"),
                CopyField(
                    label="Copy",
                    text=self._toml,
                    kind="button",
                    what="service",
                    filename=f"{service.id}.toml",
                ),
            ],
        )

    def text(self) -> str:
        """Return the file."""
        return self._toml


def _concerned(broker: Broker, service: Service) -> list[tuple[str, str]]:
    """Return the connections to a service; nothing where they cannot be learned."""
    try:
        page = broker.connections(service=service.id, limit=_MOST)
    except ConnectionsError:
        return []
    lines = [(f"%%connection {c.link_name}", f", of {c.owner}") for c in page.items]
    rest = page.total - len(lines)
    return [*lines, (counted(rest, "more connection"), "")] if rest > 0 else lines
