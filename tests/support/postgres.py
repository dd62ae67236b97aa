"""A PostgreSQL server for one test run, in a temporary folder, on a Unix socket."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def _as_somebody() -> list[str]:
    """Return how to run a program as somebody else: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(_user())
    if shutil.which("setpriv"):
        return [
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
        ]
    return ["runuser", "-u", user.pw_name, "--"]


def _user() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


@contextlib.contextmanager
def running(programs: Path, *, connections: int = 100) -> Iterator[str]:
    """Start a server with an empty database; yield its SQLAlchemy address.

    Args:
        programs: The folder with initdb and pg_ctl.
        connections: How many it takes at once.
    """
    # Not below pytest's own folder: that one is closed to the other user, and a
    # socket's path may have at most about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    prefix = _as_somebody()
    if prefix:
        shutil.chown(folder, _user())
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, programs / program, *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PGCTLTIMEOUT": "180"},
        )

    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    settings += f" -c max_connections={connections}"
    try:
        run("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8")
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-o", settings, "-l", log, "-w", "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
