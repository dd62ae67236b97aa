"""Schedules kept by jupyter-scheduler: its own job definitions, made as its screens do."""

import ast
import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from jupyter_server.utils import ensure_async

from conn_core import Schedule
from conn_core.errors import InvalidInput, JobsUnavailable
from conn_core.jobs import digest_of

if TYPE_CHECKING:  # pydantic is not paid for when the server starts
    from conn_core import ScheduleDraft

T = TypeVar("T")
#: It answers from a small database of its own; a server that is this busy is stuck.
_PATIENCE_SECONDS: Final = 30
#: How the definition remembers where its notebook came from: it keeps the name only.
_NOTEBOOK_TAG: Final = "notebook:"
_MOST: Final = 1_000


def _now() -> datetime:
    return datetime.now(UTC)


class JupyterScheduler:
    """The port ``Scheduler`` over jupyter-scheduler.

    Its task runner keeps a queue and a database in memory that belong to the thread of
    the event loop, so everything is asked there, whoever asks.

    Args:
        settings: Of the web application; jupyter-scheduler puts its objects there.
        root_dir: The folder that the server shows.
        loop: The server's event loop.
        runs_as: As whom the jobs of this server act.
        environ: What a job's process finds.
        now: The time of day.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        root_dir: str | Path,
        loop: asyncio.AbstractEventLoop,
        runs_as: str,
        environ: Mapping[str, str] = os.environ,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._settings = settings
        self._root = Path(root_dir).expanduser().resolve()
        self._loop = loop
        self._now = now
        self.runs_as = runs_as
        self.environ = environ

    def notebook(self, path: str) -> Path:
        """Return the file of a notebook below the root folder."""
        try:
            found = (self._root / path).resolve()
            there = found.is_file()
        except (OSError, ValueError):  # a name too long, a null character
            found, there = self._root, False
        if there and found.is_relative_to(self._root):
            return found
        raise InvalidInput(
            f"There is no notebook '{path}' below the folder that this server shows",
            "Look at the name, and at the folder",
            fields={"notebook": "is not there"},
        )

    def next_run(self, cron: str, *, timezone: str) -> datetime:
        """Say when something would run next."""
        from ._cron import next_run  # noqa: PLC0415 - needs jupyter-scheduler's libraries

        self._scheduler()
        return next_run(cron, timezone=timezone, now=self._now())

    def create(self, draft: "ScheduleDraft", *, with_folder: bool) -> Schedule:
        """Keep a schedule: the notebook is copied as it is now."""
        from jupyter_scheduler.models import (  # noqa: PLC0415 - an extra
            CreateJobDefinition,
        )

        path = self.notebook(draft.notebook).relative_to(self._root).as_posix()
        self._refuse_without_kernel(path)
        model = CreateJobDefinition(
            input_uri=path,
            name=draft.name,
            runtime_environment_name=self._environment(),
            output_formats=["ipynb"],
            parameters={k: repr(v) for k, v in draft.parameters.items()} or None,
            tags=[f"{_NOTEBOOK_TAG}{path}"],
            schedule=draft.cron,
            timezone=draft.timezone,
            package_input_folder=with_folder,
        )
        made = self._ask("create_job_definition", model)
        return self._schedule_of(self._ask("get_job_definition", made))

    def schedules(self) -> tuple[Schedule, ...]:
        """Return every definition that has a time, whatever screen made it."""
        from jupyter_scheduler.models import (  # noqa: PLC0415 - an extra
            ListJobDefinitionsQuery,
        )

        query = ListJobDefinitionsQuery(max_items=_MOST)
        found = self._ask("list_job_definitions", query).job_definitions
        return tuple(self._schedule_of(each) for each in found if each.schedule)

    def set_active(self, schedule_id: str, *, active: bool) -> None:
        """Let a schedule rest, or go on."""
        from jupyter_scheduler.models import (  # noqa: PLC0415 - an extra
            UpdateJobDefinition,
        )

        model = UpdateJobDefinition(active=active)
        self._ask("update_job_definition", schedule_id, model)

    def delete(self, schedule_id: str) -> None:
        """Forget a definition and its jobs, as its own screen does."""
        self._ask("delete_job_definition", schedule_id)

    def _schedule_of(self, found: Any) -> Schedule:
        last = self._last_job(found.job_definition_id)
        return Schedule(
            id=found.job_definition_id,
            name=found.name,
            notebook=_notebook_of(found),
            cron=found.schedule,
            timezone=found.timezone or "UTC",
            active=found.active,
            parameters={k: _value_of(v) for k, v in (found.parameters or {}).items()},
            runs_as=self.runs_as,
            created_at=_moment(found.create_time),
            last_run_at=_moment(last.start_time or last.create_time) if last else None,
            last_status=_status_of(last) if last else "",
            last_message=(last.status_message or "") if last else "",
            sha256=self._digest_of_copy(found),
        )

    def _digest_of_copy(self, definition: Any) -> str:
        """Return the SHA-256 of the notebook that a definition keeps and runs.

        Other schedulers than the one that ships may keep it elsewhere, or in an archive.
        """
        try:
            copy = Path(self._ask("get_staging_paths", definition)["input"])
        except (KeyError, NotImplementedError, TypeError):
            return ""
        return digest_of(copy) if copy.is_absolute() else ""

    def _last_job(self, schedule_id: str) -> Any:
        from jupyter_scheduler.models import ListJobsQuery  # noqa: PLC0415 - an extra

        query = ListJobsQuery(job_definition_id=schedule_id, max_items=1)
        return next(iter(self._ask("list_jobs", query).jobs), None)

    def _environment(self) -> str:
        """Return the first environment that runs notebooks; its screen offers it first."""
        offered = self._settings["environments_manager"].list_environments()
        return str(offered[0].name)

    def _refuse_without_kernel(self, path: str) -> None:
        manager = self._scheduler().execution_manager_class
        if manager is not None and not manager.validate(
            manager, str(self._root / path)
        ):
            raise InvalidInput(
                f"Nothing was scheduled: '{path}' names no kernel to run it",
                "Open it, choose a kernel, save it, and schedule it then",
                fields={"notebook": "names no kernel"},
            )

    def _ask(self, method: str, *given: Any) -> Any:
        """Call jupyter-scheduler on the event loop, and wait here for its answer."""
        called = getattr(self._scheduler(), method)
        asked = asyncio.run_coroutine_threadsafe(_awaited(called, given), self._loop)
        try:
            return asked.result(_PATIENCE_SECONDS)
        except TimeoutError:
            raise JobsUnavailable("jupyter-scheduler does not answer") from None

    def _scheduler(self) -> Any:
        found = self._settings.get("scheduler")
        if found is None:
            raise JobsUnavailable(
                "This server has no jupyter-scheduler, which runs the jobs",
                'Run %pip install "jupyter-connections[jobs]" and restart the server',
            )
        return found


async def _awaited(called: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Other schedulers than the one that ships may be asynchronous."""
    return await ensure_async(called(*given))


def _notebook_of(found: Any) -> str:
    tags = found.tags or ()
    said = (t.removeprefix(_NOTEBOOK_TAG) for t in tags if t.startswith(_NOTEBOOK_TAG))
    return str(next(said, found.input_filename))


def _value_of(code: str) -> Any:
    """Return a parameter, which jupyter-scheduler keeps as code."""
    try:
        return ast.literal_eval(code)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return code  # its own screen takes any expression


def _status_of(job: Any) -> str:
    """Return jupyter-scheduler's word; a job that has not begun is called stopped there."""
    word = str(job.status).lower().replace("_", " ")
    return "created" if word == "stopped" and job.start_time is None else word


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
