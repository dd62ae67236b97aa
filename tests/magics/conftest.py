"""A shell with the magics loaded, and an honest broker behind them."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from quiet_shell import quiet_shell

from conn_magics._desk import Desk
from conn_magics._holder import HOLDER
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings

FAKE_BROKER = Path(__file__).with_name("fake_broker.py")


def _load_fake_broker():
    """Importlib mode: test folders are no packages, so the file is loaded by path."""
    if "fake_broker" not in sys.modules:
        spec = importlib.util.spec_from_file_location("fake_broker", FAKE_BROKER)
        module = importlib.util.module_from_spec(spec)
        sys.modules["fake_broker"] = module
        spec.loader.exec_module(module)
    return sys.modules["fake_broker"]


@pytest.fixture(scope="session")
def fakes():
    """The module with the fake broker: kernels load the same file."""
    return _load_fake_broker()


@pytest.fixture
def token(canary):
    """The access token that the broker gives and the API wants."""
    return canary("access-token")


@pytest.fixture
def api(fakes, token):
    """The address of a small API that wants the token."""
    with fakes.api_running(token) as address:
        yield address


@pytest.fixture
def broker(fakes, token, api):
    """A broker with one usable connection 'beans', lent to magics and functions."""
    broker = fakes.FakeBroker(
        token=token, services=[fakes.coffee(api), *fakes.other_shops()]
    )
    broker.has("beans")
    with HOLDER.using(broker):
        yield broker
        for client in HOLDER.clients.values():
            if hasattr(client, "close"):
                client.close()


@pytest.fixture
def shell(tmp_path, monkeypatch, broker):
    """An IPython shell with the magics, and nobody who could answer."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with quiet_shell() as shell:
        yield shell


@pytest.fixture
def attended(shell):
    """The same, in a notebook whose front end can answer and show widgets."""
    shell.kernel = SimpleNamespace(_allow_stdin=True)
    yield shell
    del shell.kernel


@pytest.fixture
def cell(shell, capsys):
    """Runs a cell: ``cell(text)`` returns its value, or raises what it raised."""

    def run(text):
        outcome = shell.run_cell(text, store_history=True)
        capsys.readouterr()
        outcome.raise_error()
        return outcome.result

    return run


@pytest.fixture
def conn(broker, fakes):
    """Runs a ``%conn`` line: ``conn("list")``; nobody is there."""
    return _runner(broker, fakes, Surroundings(person=False))


@pytest.fixture
def terminal(broker, fakes):
    """Runs a ``%conn`` line for a person at a terminal; ``answers`` are typed."""
    return _runner(broker, fakes, Surroundings(person=True, terminal=True))


@pytest.fixture
def notebook(broker, fakes):
    """Runs a ``%conn`` line for a person at a notebook with widgets."""
    return _runner(broker, fakes, Surroundings(person=True, widgets=True))


def _runner(broker, fakes, around):
    shown, said, asked, slept, unseen = [], [], [], [], []

    def run(line="", *, answers=(), secrets=()):
        typed, hidden = iter(answers), iter(secrets)

        def ask_secret(question):
            unseen.append(question)
            return next(hidden)

        def ask(question):
            asked.append(question)
            answer = next(typed)
            if isinstance(answer, type):
                raise answer
            return answer

        desk = Desk(
            around=around,
            show=shown.append,
            ask=ask,
            ask_secret=ask_secret,
            say=said.append,
            now=lambda: fakes.NOW,
            sleep=slept.append,
        )
        return run_line(line, desk=desk)

    run.shown, run.said, run.asked, run.slept = shown, said, asked, slept
    run.unseen = unseen
    return run
