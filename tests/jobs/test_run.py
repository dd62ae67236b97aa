"""``run`` in this process: what is refused before anything runs, and what runs."""

import pytest
from job_desk import MISSING, Broker, desk
from papermill.iorw import papermill_io

from conn_core.broker import DIGEST
from conn_core.errors import InvalidInput, MissingPackage
from conn_core.jobs import digest_of
from conn_magics import _notebook_run, _papermill
from conn_magics._notebook_run import (
    NotebookChanged,
    NotebookFailed,
    run_notebook,
    typed,
)
from conn_magics._usage import UsageError
from conn_magics._verbs._jobs import run


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-2", -2),
        ("1.5", 1.5),
        ("True", True),
        ("False", False),
        ("None", None),
        ("2026-11", "2026-11"),
        ("true", "true"),
        ("", ""),
    ],
)
def test_parameters_are_read_as_papermill_does(text, value):
    """Who knows ``papermill -p`` knows this."""
    assert (value, type(value)) == (typed(text), type(typed(text)))


@pytest.fixture
def never_runs(monkeypatch):
    """A run would be a mistake."""

    def fail(*_, **__):
        pytest.fail("it ran")

    monkeypatch.setattr(_notebook_run, "run_notebook", fail)


def test_U1_a_notebook_that_needs_a_person_is_not_begun(notebook, never_runs):
    """The answer of ``check``, with its exit code and its next command."""
    path = notebook("%%connection github\n1")

    view = run(desk(Broker(MISSING)), what=str(path))

    assert "needs person" == view.outcome
    assert "It is not authorized" in repr(view)


@pytest.mark.parametrize(
    "pair", [("api_key", "CNRY-run-1"), ("x", "ghp_CNRYrunCNRYrunCNRY")]
)
def test_U3_a_parameter_that_looks_like_a_secret_is_refused(notebook, never_runs, pair):
    """By its name or by its look; it is not repeated."""
    with pytest.raises(
        InvalidInput, match=f"'{pair[0]}' looks like a secret"
    ) as caught:
        run(desk(), what=str(notebook("1")), parameter=[pair])
    assert "CNRY" not in str(caught.value)


def test_somebody_may_insist(notebook, monkeypatch):
    """It is their notebook; both spellings of parameters are read."""
    asked = []
    monkeypatch.setattr(
        _notebook_run, "run_notebook", lambda *given, **_: asked.append(given)
    )
    path = notebook("1")

    view = run(
        desk(),
        what=str(path),
        output="out.ipynb",
        parameter=[("token", "x"), "month=2026-11"],
        allow_secrets=True,
    )

    ((_, output, values),) = asked
    assert "out.ipynb" == str(output)
    assert {"token": "x", "month": "2026-11"} == values
    assert "has run without an error" in repr(view)
    assert "out.ipynb" == view.to_json()["output"]


def test_the_output_has_a_name_of_its_own(notebook, monkeypatch):
    """Beside the notebook, and never in its place."""
    monkeypatch.setattr(_notebook_run, "run_notebook", lambda *_, **__: None)
    path = notebook("1")

    assert str(path.with_name("report.out.ipynb")) in repr(run(desk(), what=str(path)))
    with pytest.raises(InvalidInput, match="would overwrite"):
        run(desk(), what=str(path), output=str(path.parent / "." / path.name))


@pytest.mark.parametrize("pair", [("1x", "3"), ("", "3"), "month", "1x=3"])
def test_a_parameter_without_a_name(notebook, pair):
    """Both spellings are said."""
    with pytest.raises(UsageError, match="-p takes"):
        run(desk(), what=str(notebook("1")), parameter=[pair])


def test_without_papermill_its_name_is_said(notebook, monkeypatch, tmp_path):
    """With the command that brings it."""
    monkeypatch.setattr(_notebook_run, "find_spec", lambda _: None)

    with pytest.raises(MissingPackage, match="papermill") as caught:
        run_notebook(notebook("1"), tmp_path / "out.ipynb", {})
    assert "Run %pip install 'jupyter-connections[jobs]'" == caught.value.hint


def test_a_run_that_ends_before_its_time(notebook, monkeypatch, tmp_path):
    """The last line of what it complained of."""
    monkeypatch.setattr(
        _notebook_run, "run_child", lambda *_, **__: (137, b"", b"a\nKilled\n")
    )
    with pytest.raises(NotebookFailed, match=r"exit code 137\). Killed"):
        run_notebook(notebook("1"), tmp_path / "out.ipynb", {})


@pytest.mark.kernel
def test_a_notebook_runs_with_its_parameters(notebook, tmp_path):
    """In a kernel of its own; without a kernel of its own name it is Python's."""
    path = notebook("print(number + 1)", parameters="number = 1")

    run_notebook(path, tmp_path / "out.ipynb", {"number": "41"})

    assert "42" in (tmp_path / "out.ipynb").read_text()


@pytest.mark.kernel
def test_a_cell_that_fails_is_said_in_one_line(notebook, tmp_path):
    """Which cell, and the notebook's own words; the output is there all the same."""
    path = notebook("raise ValueError('on\\ntwo lines')")

    with pytest.raises(NotebookFailed) as caught:
        run_notebook(path, tmp_path / "out.ipynb", {})

    assert f"Cell 2 of '{path}' failed. ValueError: on two lines" == str(caught.value)
    assert (tmp_path / "out.ipynb").exists()


def test_what_is_no_fault_of_a_cell_is_said_too(tmp_path, monkeypatch):
    """Such as a notebook that is none."""
    monkeypatch.setattr(papermill_io, "_handlers", [*papermill_io._handlers])
    order = {"input": str(tmp_path / "none.ipynb"), "source": "{", "output": None}
    ended = _papermill.run(order | {"parameters": {}, "kernel": None})
    assert ("", "NotJSONError") == (ended["cell"], ended["error"])


# --- which notebook it is -----------------------------------------------------------------


def test_U10_a_notebook_that_was_changed_is_not_run(notebook, monkeypatch, tmp_path):
    """Whoever may change the file does not act as its person; what to do is said."""
    monkeypatch.setattr(_notebook_run, "run_child", lambda *_, **__: pytest.fail("ran"))
    known = digest_of(notebook("print('as it was looked at')"))
    path, output = notebook("print('as somebody else wants it')"), tmp_path / "out"

    with pytest.raises(NotebookChanged) as caught:
        run(desk(), what=str(path), output=str(output), sha256=known.upper())

    assert "is not the notebook that --sha256 names" in caught.value.message
    assert digest_of(path) in caught.value.message
    assert "Read what changed" in caught.value.hint
    assert not output.exists()


@pytest.mark.parametrize(
    ("what", "digest", "told"),
    [
        ("report.ipynb", "CNRY-no-digest", "64 hexadecimal digits"),
        ("report.ipynb", "", "64 hexadecimal digits"),
        ("report.ipynb:doubled", "ab" * 32, "of a whole notebook"),
    ],
)
def test_a_digest_that_nothing_can_be_compared_with(never_runs, what, digest, told):
    """As where a variable is not set. Nothing runs, and it is not repeated."""
    with pytest.raises(UsageError, match=told) as caught:
        run(desk(), what=what, sha256=digest)
    assert "CNRY" not in str(caught.value)


@pytest.mark.kernel
def test_U10_what_was_looked_at_is_what_runs(notebook, tmp_path, monkeypatch):
    """Somebody changes the file a moment later; the kernel is told what it runs."""
    path = notebook(f"import os; print('looked at', os.environ['{DIGEST}'])")
    digest, run_at_once = digest_of(path), _notebook_run.run_child

    def run_later(*given, **more):
        notebook("print('changed')")
        return run_at_once(*given, **more)

    monkeypatch.setattr(_notebook_run, "run_child", run_later)
    run_notebook(path, tmp_path / "out.ipynb", {}, sha256=digest)

    written = (tmp_path / "out.ipynb").read_text()
    assert f"looked at {digest}" in written
    assert "changed" not in written


@pytest.fixture
def functions(notebook):
    """A notebook with a function."""
    return notebook("%%connection github --function doubled\nnumber = 2\nnumber * 2")


def test_a_function_of_a_notebook_runs_at_a_terminal(functions, monkeypatch):
    """Its result is what is written; in a notebook it is the value itself."""
    from conn_magics.functions import _run

    monkeypatch.setattr(_run, "run_to_end", lambda _, values: values["number"] * 2)
    called = f"{functions}:doubled"

    view = run(desk(), what=called, parameter=[("number", "21")])
    assert ("42", {"result": "42"}) == (repr(view), view.to_json())
    assert 42 == run(desk(command=False), what=called, parameter=["number=21"])
    with pytest.raises(UsageError, match="doubled"):
        run(desk(), what=called, parameter=[("number", "many")])
