"""Notebooks that somebody's server on a hub runs by itself, and that somebody's processes."""

import subprocess
import sys
import time
from typing import Any

import nbformat
import psutil
from hub_process import HubProcess, ask
from streams import merged

_ENDED = {"COMPLETED", "FAILED", "STOPPED"}


class HubJobs:
    """jupyter-scheduler on somebody's server, asked as its screens ask it.

    Args:
        hub: Where the server is.
        name: Whose it is; it runs.
    """

    def __init__(self, hub: HubProcess, name: str) -> None:
        self._hub = hub
        self._name = name
        self.home = hub.folder / "home" / name

    def write(self, notebook: str, *cells: str) -> None:
        """Write a notebook in the person's home."""
        made = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(made, self.home / notebook)

    def run(self, definition: str) -> str:
        """Have what is scheduled run now, too; return which run that is."""
        made = self._ask("POST", f"job_definitions/{definition}/jobs", {})
        return str(made["job_id"])

    def ended(self, job: str) -> dict[str, Any]:
        """Wait for the end of a run; return what is said of it."""

        def found() -> Any:
            said = self._ask("GET", f"jobs/{job}")
            has_begun = said["status"] != "STOPPED" or said["start_time"]
            return said["status"] in _ENDED and has_begun and said

        found_at_last: dict[str, Any] = self._hub.until(found, "the job ended")
        return found_at_last

    def output(self, job: str) -> str:
        """Return what a run's cells have said."""
        folder = self.home / ".local/share/jupyter/scheduler_staging_area" / job
        said = [
            output.get("text") or output.get("evalue", "")
            for file in folder.glob("*.ipynb")
            for cell in nbformat.read(file, as_version=4).cells
            for output in merged(cell.get("outputs", []))
        ]
        return "\n".join(said)

    def run_elsewhere(
        self, notebook: str, environment: dict[str, str]
    ) -> tuple[int, str]:
        """Run one as the person's crontab does; return the exit code, and what it said."""
        command = [sys.executable, "-m", "conn_magics.command_line", "run", notebook]
        done = subprocess.run(
            [*command, "again.ipynb"],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        where = f"{self._hub.url}user/{self._name}/scheduler/{path}"
        return ask(where, method, self._hub.token, body)


def processes_of(hub: HubProcess, name: str) -> list[psutil.Process]:
    """Return somebody's processes: all whose environment says so, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        is_theirs = variables.get("JUPYTERHUB_USER") == name
        if is_theirs and str(hub.folder) in variables.get("HOME", ""):
            found.append(process)
    return found


def are_gone(processes: list[psutil.Process], *, seconds: float) -> bool:
    """Tell whether all of them end in time."""
    end = time.monotonic() + seconds
    while any(process.is_running() for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
