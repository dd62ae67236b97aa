"""The line magic and the command line: the same verbs, the same texts."""

import io
import json
import sys
from datetime import UTC, datetime

import pytest

from conn_core import Event, GrantDraft, ScheduleDraft, ServiceDraft, Use
from conn_magics import command_line
from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._spoken import as_command
from conn_magics._surroundings import Surroundings
from conn_magics._text import Manner, as_text
from conn_magics._verb import verbs_at
from conn_magics._verbs import VERBS

#: Whenever the test runs.
JUST_NOW = datetime(2200, 1, 1, tzinfo=UTC)
WIDE = Manner(width=1_000_000, speak=as_command)
#: A line for each verb; what it needs is arranged below.
LINES = (
    "list",
    "list --org",
    "list nothing-like-it",
    "status",
    "status beans acme-crm",
    "show beans",
    "snippet beans --for python",
    "log beans",
    "test beans",
    "check beans",
    "check beans new-one",
    "check acme-crm",
    "refresh beans",
    "schedule report.ipynb --cron hourly -p year=2026",
    "schedule list",
    "schedule pause nightly",
    "schedule resume nightly",
    "schedule delete nightly -y",
    "services drink",
    "services",
    "service",
    "service show coffee",
    "service new --name Acme --auth-type bearer --base-url https://a.example",
    "service edit own --description Mine",
    "service delete own -y",
    "service export own",
    "service import {file}",
    "export",
    "import {file}",
    "doctor",
    "service register own --automatic",
    "new coffee --no-authorize",
    "new coffee --name Other --no-authorize --private",
    "authorize water",
    "edit beans --name Best",
    "edit beans --add-scope beans.write",
    "revoke beans -y",
    "revoke beans --at-provider -y",
    "share beans --with grace",
    "transfer beans --to grace -y",
    "grant",
    "grant list",
    "grant revoke grant-1 -y",
    "seal beans",
    "unseal beans",
    "new coffee --name Sealed --no-authorize --sealed",
    "new coffee --name Reader --no-authorize --read-only",
    "enable acme-crm",
    "accept hr",
    "accept hr -y",
    "accept lent -y",
    "delete beans -y",
    "delete beans --keep-grant -y",
)
#: What is wrong with these is said in one line, in both places.
WRONG = (
    "show",
    "show bean",
    "lst",
    "list --statsu x",
    "list --status blue",
    "log beans -n many",
    "new coffee --param x",
    "new coffee --scopes a --scopes b",
    "service shw coffee",
    "accept lent",
    "delete beans",
    "delete coffee-tasks -y",
    "authorize new-one",
    "schedule report.ipynb",
    "schedule lst",
    "schedule pause none",
    "schedule delete nightly",
    "service register own",
    "edit beans",
)


@pytest.fixture
def arranged(broker, fakes, tmp_path, monkeypatch):
    """One of each kind of connection, and a service of one's own."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_DATA_DIR", str(tmp_path / "data"))
    broker.has("acme-crm", status="revoked", status_reason="Revoked by priya.")
    broker.has("new-one", status="needs authorization", granted_scopes=())
    broker.has("water", service="water", status="needs authorization", scopes=())
    broker.has("hr", group="organisation", owner="sam")
    broker.has("lent", group="organisation", owner="sam", accepted=False)
    broker.internal_connection("coffee")
    broker.history["beans"] = [
        Event(at=fakes.NOW, actor="sam", action="refresh", detail="503")
    ]
    broker.places["beans"] = [
        Use(place=f"report-{n}.ipynb", person="sam", last_at=JUST_NOW) for n in range(8)
    ]
    broker.create_service(
        ServiceDraft(
            name="Own",
            token_endpoint="https://auth.own.example/token",
            authorization_endpoint="https://auth.own.example/authorize",
            registration_endpoint="https://auth.own.example/register",
            api_base_url="https://api.own.example",
        )
    )
    broker.grant(GrantDraft(name="Nightly", connections=("beans",)))
    broker.schedule(ScheduleDraft(notebook="nightly.ipynb", cron="0 6 * * *"))
    file = tmp_path / "acme.toml"
    file.write_text(
        '[[service]]\nid = "acme"\nname = "Acme"\nauth_type = "bearer"\n'
        'api_base_url = "https://a.example"\n'
    )
    return file


@pytest.fixture
def command(broker, monkeypatch, capsys):
    """Runs ``jupyter connections …``: exit code, and what it wrote where."""

    def run(line, *, piped=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
        capsys.readouterr()
        code = command_line.run(line.split())
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def _twice(broker, do):
    """Do something, and arrange that it has not been done."""
    kept = [dict(each) for each in (broker.found, broker._services, broker.flows)]
    registrations, schedules = dict(broker.registrations), dict(broker._kept())
    grants = dict(broker._issued())
    answer = do()
    broker.found, broker._services, broker.flows = kept
    broker.registrations, broker._schedules = registrations, schedules
    broker._grants = grants
    return answer


def test_every_verb_has_a_line_here():
    """A new one is not forgotten."""
    names = {
        each.name
        for verb in verbs_at("command").values()
        for each in (verb, *verb.actions.values())
    }
    # These look at this very machine, write a file once, or run other programs: they
    # have tests of their own.
    said = (*LINES, "env", "grant create", "run", "exec")
    assert set() == {
        name for name in names if not any(s.startswith(name) for s in said)
    }


@pytest.mark.parametrize("line", LINES)
def test_the_texts_are_the_same(broker, arranged, command, line):
    """But for ``%conn``, which is a command there."""
    line = line.format(file=arranged)
    desk = Desk(around=Surroundings(person=False))
    answer = _twice(broker, lambda: run_line(line, desk=desk))

    code, out, err = command(line)

    assert "" == err
    assert as_text(answer.blocks, WIDE) + "\n" == out
    assert {"ok": 0, "failed": 1, "needs person": 3}[answer.outcome] == code
    assert "%conn " not in out


@pytest.mark.parametrize("line", LINES)
def test_the_objects_are_the_same(broker, arranged, command, line):
    """``--json``: what the answer holds for programs."""
    line = line.format(file=arranged)
    desk = Desk(around=Surroundings(person=False))
    answer = _twice(broker, lambda: run_line(line, desk=desk))

    _, out, _ = command(f"{line} --json")

    assert answer.to_json() == json.loads(out)
    assert 1 == out.count("\n")


@pytest.mark.parametrize("line", WRONG)
def test_the_errors_are_the_same(broker, arranged, command, line):
    """One line on stderr, and a code; nothing on stdout."""
    desk = Desk(around=Surroundings(person=False))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
        run_line(line, desk=desk)

    code, out, err = command(line)

    assert "" == out
    assert as_command(f"{caught.value}\n") in (err, err.replace(" --json", ""))
    assert code in {1, 2, 3}
    assert 1 == err.count("\n")


def test_what_needs_a_kernel_is_no_command(command):
    """And is not offered there."""
    assert {"ui"} <= VERBS.keys() - verbs_at("command").keys()
    assert 2 == command("ui")[0]
