"""The shipped notebooks run, offline, against the practice service."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conn_serverext.practice import PracticeService, Visitor

from conn_core import ClientRegistration, ConnectionDraft, Settings, os_user
from conn_core.broker import Core, open_core

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NEWCOMER = "ada"


@pytest.fixture
def practice():
    with PracticeService(access_token_seconds=5) as service:
        yield service


@pytest.fixture
def environment(practice, tmp_path):
    """Surroundings in which the connection is made and authorized, as in the demo."""
    catalogue = tmp_path / "practice.toml"
    catalogue.write_text(practice.service_toml())
    said = {
        "JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / "connections"),
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
        "JUPYTER_CONNECTIONS_CATALOG": str(catalogue),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    environ = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_")}
    authorize(practice, said, tmp_path)
    return environ | said


def authorize(practice: PracticeService, environ: dict[str, str], place: Path) -> None:
    """Do what a newcomer does in the form and in the browser."""
    found = Settings.from_environment(
        environ, jupyter_data_dir=place, jupyter_runtime_dir=place, user=os_user()
    )
    settings = replace(found, public_url="http://127.0.0.1:8888/connections/")
    core = open_core(settings)
    try:
        broker = core.acting_as(settings.user)
        broker.register_client(
            "practice",
            ClientRegistration(
                client_id=practice.client_id,
                client_secret=practice.client_secret,
            ),
        )
        broker.create(ConnectionDraft(service="practice"))
        _grant(core, settings.user)
    finally:
        core.close()


def _grant(core: Core, user: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    flow = core.acting_as(user).authorize("practice-expenses").flow
    started = core.start_authorization(flow, user=user)
    sent_back = Visitor(NEWCOMER).authorize(started.authorization_url, come_back=False)
    answer = dict(parse_qsl(urlsplit(sent_back.url).query))
    done = core.finish_authorization(
        "practice", answer, binding=started.binding.reveal(), user=user
    )
    assert done.state == "done"


@pytest.mark.kernel
@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_runs_as_a_newcomer_runs_it(notebook, environment, tmp_path):
    """Every cell runs; those tagged raises-exception fail, and the others do not."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-c", os.devnull]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", NOTEBOOKS, notebook],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_ships_without_outputs(notebook):
    """A newcomer sees their own results, and the file holds no account of ours."""
    import json

    cells = json.loads(notebook.read_text())["cells"]
    assert [] == [c for c in cells if c.get("outputs") or c.get("execution_count")]


def test_only_the_form_is_left_to_a_person():
    """One cell needs somebody at a browser; the browser tests press its buttons."""
    import json

    skipped = [
        "".join(cell["source"])
        for notebook in NOTEBOOKS.glob("*.ipynb")
        for cell in json.loads(notebook.read_text())["cells"]
        if "nbval-skip" in cell["metadata"].get("tags", [])
    ]
    assert ["%conn new practice"] == skipped
