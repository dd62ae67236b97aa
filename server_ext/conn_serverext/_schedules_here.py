"""Schedules at a server whose connections are at a hub's service."""

import logging
from collections.abc import Mapping

from conn_core.broker import Actor, Schedules, service_broker

from ._scheduling import JupyterScheduler


class SchedulesHere:
    """Stands where a server has its core, and knows schedules alone.

    What a notebook needs is checked at the service, with the token that the hub gave
    this server: its person's. Who asks is let in by the handlers as at a laptop, and
    refused where they are somebody else than that person.

    The service's audit log has no line of a schedule that is made or deleted here: it
    writes down what the service itself has done, and could only take this server's word.
    Each use that a job makes of a connection has its line there. What is done with
    schedules stands in this server's log.

    Args:
        scheduler: Runs the notebooks.
        environ: Of this server: the service's address, and the hub's token.
        log: The server's.
    """

    def __init__(
        self,
        scheduler: JupyterScheduler,
        environ: Mapping[str, str],
        log: logging.Logger,
    ) -> None:
        self._scheduler = scheduler
        self._service = service_broker(environ)
        self._log = log

    def acting_as(self, person: str, *, place: str = "") -> Schedules:  # noqa: ARG002 - a core is told
        """Return what keeps somebody's schedules."""

        def note(action: str, name: str) -> None:
            self._log.info("Connections: %s %r, by %s", action, name, person)

        return Schedules(
            self._scheduler, Actor.person(person), checker=self._service, note=note
        )

    def close(self) -> None:
        """Close the connections to the service."""
        self._service.close()
