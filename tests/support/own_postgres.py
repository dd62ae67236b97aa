"""A PostgreSQL server of one test's own, which it may stop and start under everybody."""

import os
import secrets
import subprocess
from pathlib import Path
from typing import Literal

import postgres
import sqlalchemy as sa

#: Let everybody end what they do; end it for them; end without a word, as in a crash.
How = Literal["smart", "fast", "immediate"]


class OwnServer:
    """The server.

    Args:
        programs: The folder with pg_ctl.
        url: The address of its first database, as ``postgres.running`` gives it.
    """

    def __init__(self, programs: Path, url: str) -> None:
        self._url = url
        self._programs = programs
        self._folder = Path(str(sa.make_url(url).query["host"]))

    def new_database(self) -> str:
        """Make an empty database; return its address."""
        name = f"t{secrets.token_hex(6)}"
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
        finally:
            engine.dispose()
        address = sa.make_url(self._url).set(database=name)
        return address.render_as_string(hide_password=False)

    def stop(self, how: How) -> None:
        """End it, and everybody's connections."""
        self._control("-m", how, "stop")

    def start(self) -> None:
        """Start it again, with what it had."""
        socket = f"-c unix_socket_directories={self._folder}"
        options = f"-c listen_addresses= {socket} -c fsync=off"
        self._control("-o", options, "-l", str(self._folder / "log"), "start")

    def _control(self, *arguments: str) -> None:
        program = [self._programs / "pg_ctl", "-D", str(self._folder / "data"), "-w"]
        subprocess.run(
            [*postgres._as_somebody(), *program, *arguments],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
