"""A shell with the magics loaded, and an honest broker behind them."""

from types import SimpleNamespace

import fake_broker
import pytest
from coffee_house import api_running, coffee, other_shops
from described_service import NEW
from lending import lent
from quiet_shell import quiet_shell

from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings


@pytest.fixture(scope="session")
def fakes():
    """The module with the fake broker: kernels load the same file."""
    return fake_broker


@pytest.fixture
def token(canary):
    """The access token that the broker gives and the API wants."""
    return canary("access-token")


@pytest.fixture
def api(token):
    """The address of a small API that wants the token."""
    with api_running(token) as address:
        yield address


@pytest.fixture
def broker(fakes, token, api):
    """A broker with one usable connection 'beans', lent to magics and functions."""
    broker = fakes.FakeBroker(token=token, services=[coffee(api), *other_shops()])
    broker.has("beans")
    with lent(broker):
        yield broker


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


@pytest.fixture
def acme(terminal):
    """A service of one's own, without a client registration."""
    terminal(NEW)
    return "acme-crm"


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
