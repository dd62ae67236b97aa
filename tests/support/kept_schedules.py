"""Schedules in memory, for brokers that are fakes."""

import dataclasses
from datetime import UTC, datetime

from conn_core import Schedule
from conn_core.errors import NameTaken, ScheduleNotFound

SIX = datetime(2026, 11, 26, 6, tzinfo=UTC)


class KeptSchedules:
    """The schedules of one person, and nothing that runs them."""

    def _kept(self):
        return self.__dict__.setdefault("_schedules", {})

    def schedule(self, draft):
        name = draft.name or draft.notebook.rpartition("/")[2].removesuffix(".ipynb")
        if name in self._kept():
            raise NameTaken(f"You have a schedule called '{name}' already")
        made = Schedule(
            id=f"id-{len(self._kept())}",
            name=name,
            notebook=draft.notebook,
            cron=draft.cron,
            timezone=draft.timezone,
            parameters=draft.parameters,
            runs_as=self.status().user,
            next_run_at=SIX,
        )
        self._kept()[name] = made
        return made

    def schedules(self):
        return tuple(sorted(self._kept().values(), key=lambda one: one.name))

    def pause_schedule(self, name, *, active=False):
        one = self._one(name)
        changed = dataclasses.replace(
            one, active=active, next_run_at=SIX if active else None
        )
        self._kept()[name] = changed
        return changed

    def delete_schedule(self, name):
        one = self._one(name)
        del self._kept()[name]
        return one

    def ran(self, name, **facts):
        """Say how the last run of a schedule ended."""
        self._kept()[name] = dataclasses.replace(self._one(name), **facts)

    def _one(self, name):
        if name not in self._kept():
            raise ScheduleNotFound(
                f"There is no schedule called '{name}'", "Run %conn schedule list"
            )
        return self._kept()[name]
