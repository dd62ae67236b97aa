"""Which notebook a job says that it is."""

import hashlib
from pathlib import Path

import pytest

from conn_core.broker import _here
from conn_core.broker._here import place_here
from conn_core.broker._uses import place_from


def test_jupyter_server_tells_its_kernels(tmp_path):
    """Nothing else is looked at then."""
    told = {"JPY_SESSION_NAME": "reports/a.ipynb", "JPY_PARENT_PID": "1"}
    assert "reports/a.ipynb" == place_here(told, folder=tmp_path)


@pytest.fixture
def staged(tmp_path):
    """The folder that jupyter-scheduler makes for one run, with the notebook's copy."""
    folder = tmp_path / "scheduler_staging_area" / "8d0f"
    folder.mkdir(parents=True)
    (folder / "report.ipynb").write_bytes(b"{}")
    return folder


def test_U10_a_scheduled_job_says_which_notebook_runs(staged):
    """By name and digest; where others were packed beside it nobody can tell."""
    digest = hashlib.sha256(b"{}").hexdigest()
    assert f"report.ipynb (scheduled, SHA-256 {digest})" == place_here(
        {}, folder=staged
    )
    (staged / "helpers.ipynb").touch()
    assert "a scheduled job" == place_here({}, folder=staged)


def test_a_scheduled_notebook_that_cannot_be_read_has_its_name(staged, monkeypatch):
    """The job goes on without its digest."""

    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    assert "report.ipynb (scheduled)" == place_here({}, folder=staged)


@pytest.mark.parametrize("name", ["a.ipynb", f"reports/{'x' * 400}.ipynb"])
def test_U10_a_run_says_which_notebook_runs(name):
    """The digest is there whatever the name; what is no digest says nothing."""
    digest = "0123456789abcdef" * 4
    told = {_here.SESSION: name, _here.DIGEST: digest}

    shown = place_from(place_here(told))
    assert shown.endswith(f"{name[-8:]} (SHA-256 {digest})")
    assert name == place_here(told | {_here.DIGEST: "CNRY-no-digest"})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["python", "-m", "papermill", "in.ipynb", "out.ipynb", ""], "in.ipynb"),
        (["jupyter-nbconvert", "--execute", "/a b/in.ipynb"], "/a b/in.ipynb"),
        (["python", "-c", "pass"], ""),
    ],
)
def test_who_started_the_kernel_names_the_notebook(tmp_path, words, expected):
    """The command line of nbconvert, ``jupyter execute`` and papermill."""
    lines = {"41": "\0".join(words)}
    found = place_here(
        {"JPY_PARENT_PID": "41"}, folder=tmp_path, command_of=lines.__getitem__
    )
    assert expected == found


def test_nobody_says(tmp_path, monkeypatch):
    """No parent, one that is gone, and a folder that is gone."""
    assert "" == place_here({}, folder=tmp_path)
    assert "" == place_here({"JPY_PARENT_PID": "../1"}, folder=tmp_path)
    assert "" == place_here({"JPY_PARENT_PID": "999999999"}, folder=tmp_path)

    def gone(_):
        raise FileNotFoundError

    monkeypatch.setattr(_here.Path, "cwd", classmethod(gone))
    assert "" == place_here({})


def test_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    """It is a scheduled job all the same."""

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(Path, "glob", refuse)
    folder = tmp_path / "scheduler_staging_area" / "8d0f"
    assert "a scheduled job" == place_here({}, folder=folder)
