"""PostgreSQL servers of one test's own, which it may stop and start under everybody."""

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

import postgres
import sqlalchemy as sa
from patience import until

#: Let everybody end what they do; end it for them; end without a word, as in a crash.
How = Literal["smart", "fast", "immediate"]


class OwnServer:
    """The server.

    Args:
        programs: The folder with pg_ctl.
        url: The address of its first database, as ``postgres.running`` gives it.
    """

    def __init__(self, programs: Path, url: str) -> None:
        self.url = url
        self.programs = programs
        self.folder = Path(str(sa.make_url(url).query["host"]))

    def new_database(self) -> str:
        """Make an empty database; return its address."""
        name = f"t{secrets.token_hex(6)}"
        self.tell(f"CREATE DATABASE {name}")
        address = sa.make_url(self.url).set(database=name)
        return address.render_as_string(hide_password=False)

    def tell(self, *statements: str) -> None:
        """Let an administrator run statements, each by itself."""
        with self._administrator() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def says(self, question: str) -> Any:
        """Return the one value that a question has."""
        with self._administrator() as connection:
            return connection.execute(sa.text(question)).scalar()

    def until(self, question: str) -> None:
        """Wait until the answer to a question is yes."""
        until(lambda: self.says(question), what=question)

    def stop(self, how: How) -> None:
        """End it, and everybody's connections."""
        self._control("-m", how, "stop")

    def start(self) -> None:
        """Start it again, with what it had."""
        socket = f"-c unix_socket_directories={self.folder}"
        options = f"-c listen_addresses= {socket} -c fsync=off"
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    @contextlib.contextmanager
    def _administrator(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*postgres._as_somebody(), self.programs / program, *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PGCTLTIMEOUT": "180"},
        )


class Standby(OwnServer):
    """A server that follows another one, by streaming replication.

    Args:
        primary: The other one.
    """

    def __init__(self, primary: OwnServer) -> None:
        self._primary = primary
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if postgres._as_somebody():
            shutil.chown(folder, postgres._user())
        super().__init__(
            primary.programs, f"postgresql+psycopg://tester@/postgres?host={folder}"
        )

    def __enter__(self) -> Self:
        whom = ["-h", str(self._primary.folder), "-U", "tester"]
        options = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"]
        self._run("pg_basebackup", *whom, "-D", str(self.folder / "data"), *options)
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def catch_up(self) -> None:
        """Wait until it has all that the other one has."""
        there = self._primary.says("SELECT pg_current_wal_lsn()")
        self.until(f"SELECT pg_last_wal_replay_lsn() >= '{there}'")

    def be_waited_for(self) -> None:
        """Let each commit wait there until it can be read here."""
        self._primary.tell(
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "ALTER SYSTEM SET synchronous_commit = 'remote_apply'",
            "SELECT pg_reload_conf()",
        )
        self._primary.until(
            "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        )

    def cut_off(self) -> None:
        """Let nothing more come from the other one, which goes on."""
        self.tell("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        self.until("SELECT count(*) = 0 FROM pg_stat_wal_receiver")

    def promote(self) -> None:
        """Take writes from now on."""
        self._control("promote")
