"""``config airflow|systemd|kubernetes|github``: documents that work as they are."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from types import ModuleType

import pytest
import yaml

from conn_magics import command_line
from conn_magics._parser import options_of, verb_called
from conn_magics._verb import verbs_at

KINDS = ("airflow", "systemd", "kubernetes", "github")


@pytest.fixture
def printed(capsys):
    """Returns what a line prints."""

    def go(*words):
        with pytest.raises(SystemExit) as ended:
            command_line.run(["config", *words])
        assert not ended.value.code
        return capsys.readouterr().out

    return go


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_says_how_its_grant_is_made(printed, kind):
    """The command in it is one of ours, and nothing is left open."""
    text = printed(
        kind, "weekly/Sales Report.ipynb".replace(" ", "_"), "--names", "a,b"
    )

    assert "Sales_Report.ipynb" in text
    assert "sales-report" in text
    assert not re.search(r"@[A-Z]+@", text)
    assert "JUPYTER_CONNECTIONS_GRANT" in text
    lines = "".join(line.lstrip("# ") for line in text.splitlines(keepends=True))
    command = lines.replace("\\\n", " ").partition("jupyter connections grant")[2]
    verb, rest = verb_called(
        ["grant", *shlex.split(command.partition("\n")[0].partition("&&")[0])],
        verbs_at("command"),
    )
    options = options_of(verb, rest, face="command")
    assert ("grant create", "a,b") == (verb.name, options["names"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "words",
    [
        ["../etc/passwd"],
        ["a b.ipynb"],
        ["$(id).ipynb"],
        ["x'.ipynb"],
        ["a.ipynb", "--names", 'a"; rm'],
        ["a.ipynb", "--endpoint", "https://a/ b"],
        ["a.ipynb", "--endpoint", "ftp://a/"],
    ],
)
def test_nothing_that_would_need_quotation_marks_is_pasted(kind, words, capsys):
    """A document is run by a shell, or read by a parser."""
    try:
        code = command_line.run(["config", kind, *words])
    except SystemExit as ended:
        code = ended.code
    assert code in {1, 2}
    assert "" == capsys.readouterr().out


def test_other_words_for_when(printed, capsys):
    """Five fields, as cron has them."""
    assert '"*/5 1-3 * JAN mon,tue"' in printed(
        "kubernetes", "--cron", "*/5 1-3 * JAN mon,tue"
    )
    assert 1 == command_line.run(["config", "github", "--cron", "@daily; id"])


def test_the_cron_job_shows_the_grant_to_its_pod_alone(printed):
    """Read-only, for the group of the pod, and without the pod's own token."""
    (job,) = yaml.safe_load_all(printed("kubernetes", "report.ipynb"))

    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    grant = next(v for v in pod["volumes"] if v["name"] == "grant")
    mount = next(m for m in container["volumeMounts"] if m["name"] == "grant")
    environ = {each["name"]: each["value"] for each in container["env"]}
    assert ("0 6 * * *", "report") == (job["spec"]["schedule"], job["metadata"]["name"])
    assert 0o440 == grant["secret"]["defaultMode"]
    assert mount["readOnly"]
    assert environ["JUPYTER_CONNECTIONS_GRANT"].startswith(mount["mountPath"] + "/")
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["fsGroup"]
    program, *words = container["command"]
    assert "jupyter-connections" == program
    assert parsed(words)["what"] == "/srv/notebooks/report.ipynb"


def parsed(words):
    """Return the options of a line of ours."""
    verb, rest = verb_called(words, verbs_at("command"))
    return options_of(verb, rest, face="command")


def test_the_workflow_writes_the_grant_for_its_job_alone(printed):
    """From a secret of the repository, in one step's environment."""
    flow = yaml.safe_load(printed("github", "report.ipynb"))

    steps = flow["jobs"]["run"]["steps"]
    secretive = [step for step in steps if "secrets." in str(step)]
    assert 1 == len(secretive)
    assert "umask 077" in secretive[0]["run"]
    runs = next(s for s in steps if "jupyter connections run" in s.get("run", ""))
    words = runs["run"].split()[2:]
    assert ("report.ipynb", "run.ipynb") == (
        parsed(words)["what"],
        parsed(words)["output"],
    )
    assert {"contents": "read"} == flow["permissions"]


def test_the_workflows_step_makes_a_file_that_is_taken(printed, tmp_path):
    """It is run as GitHub would; the file's mode is what the resolver wants."""
    flow = yaml.safe_load(printed("github"))
    step = next(s for s in flow["jobs"]["run"]["steps"] if "GRANT" in s.get("env", {}))
    grant = '{"endpoint": "https://a/", "bearer": "jcg_CNRY-workflow-2b", "connections": [], "expires_at": null}'

    subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        env={"GRANT": grant, "RUNNER_TEMP": str(tmp_path), "PATH": os.environ["PATH"]},
        check=True,
        timeout=60,
    )

    from conn_core.broker._grant_file import read_grant_file

    assert "https://a/" == read_grant_file(tmp_path / "grant.json").endpoint


def test_the_unit_is_one(printed):
    """A service and a timer; the variable names the credential that is loaded."""
    text = printed("systemd", "report.ipynb")
    parts = re.split(r"# --- /etc/systemd/system/(\S+)\n", text)
    units = dict(zip(parts[1::2], parts[2::2], strict=True))

    assert {"report.service", "report.timer"} == units.keys()
    service = configparser.ConfigParser(strict=False, interpolation=None)
    service.read_string(units["report.service"])
    loaded = service["Service"]["LoadCredential"].partition(":")[0]
    assert f"JUPYTER_CONNECTIONS_GRANT={loaded}" in units["report.service"]
    words = service["Service"]["ExecStart"].split()[1:]
    assert "/srv/notebooks/report.ipynb" == parsed(words)["what"]


def test_the_dag_is_one(printed, monkeypatch, tmp_path):
    """Its file is run, with Airflow's two classes in the place of Airflow."""
    made = {}

    class Dag:
        def __init__(self, **options):
            made["dag"] = options

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def operator(**options):
        made["operator"] = options

    names = ["airflow", "providers", "papermill", "operators", "papermill"]
    for end in range(1, len(names) + 1):
        name = ".".join(names[:end])
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["airflow"].DAG = Dag
    sys.modules[".".join(names)].PapermillOperator = operator
    monkeypatch.delenv("JUPYTER_CONNECTIONS_GRANT", raising=False)

    exec(compile(printed("airflow", "report.ipynb"), "dag.py", "exec"), {})

    assert "/srv/notebooks/report.grant.json" == os.environ["JUPYTER_CONNECTIONS_GRANT"]
    monkeypatch.delenv("JUPYTER_CONNECTIONS_GRANT")
    assert ("report", "0 6 * * *") == (made["dag"]["dag_id"], made["dag"]["schedule"])
    assert "/srv/notebooks/report.ipynb" == made["operator"]["input_nb"]
    assert made["operator"]["output_nb"].endswith("report-{{ ds }}.ipynb")
