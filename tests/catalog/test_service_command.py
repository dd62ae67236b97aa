"""``jupyter connections service``: what a contributor runs."""

from typer.testing import CliRunner

from conn_core.catalog import _index
from conn_core.errors import ServiceNotFound
from conn_serverext.cli import app


def _run(*arguments):
    return CliRunner().invoke(app, ["service", *map(str, arguments)])


def test_validate_is_content_with_what_ships():
    """All shipped files at once."""
    files = sorted(_index.DATA.glob("*.toml"))
    done = _run("validate", *files)

    assert 0 == done.exit_code
    assert f"{len(files)} files checked, nothing is wrong\n" == done.stdout


def test_validate_says_every_problem_of_every_file(catalog_file, tmp_path):
    """Each line names file, service and member; the exit code says it failed."""
    bad = catalog_file("acme-crm", "acme-hr", category="")
    none = tmp_path / "none.toml"
    done = _run("validate", bad, none)

    assert 1 == done.exit_code
    assert [
        f"{bad}: acme-crm: category: is needed, so that people find it",
        f"{bad}: acme-hr: category: is needed, so that people find it",
        f"{none}: The catalogue file {none} cannot be read (No such file or directory)",
    ] == done.stdout.splitlines()
    assert "3 problems to solve\n" == done.stderr


def test_prove_runs_a_service_of_ours():
    """Each step is one line, and nobody believes that the real provider was asked."""
    done = _run("prove", "github")
    first, *steps, last = done.stdout.splitlines()

    assert 0 == done.exit_code
    assert "GitHub (github)" == first
    assert len(steps) >= 5
    assert all(step.startswith("  ok  ") for step in steps)
    assert "Proven against a scripted provider; the real one was not asked" == last


def test_prove_runs_the_services_of_a_file(catalog_file):
    """One that fails does not keep the others from being run."""
    path = catalog_file("acme-crm", "acme-hr", file="acme.toml")
    text = path.read_text().replace("[[service]]", "\n[[service]]")
    path.write_text(text.replace("Data", "", 1))
    done = _run("prove", path)

    assert 1 == done.exit_code
    assert "  --  The service 'acme-crm' is not proven: category: " in done.stdout
    assert "Acme (acme-hr)\n  ok  The consent page" in done.stdout
    assert "1 service not proven\n" == done.stderr


def test_prove_knows_no_service_of_that_id():
    """The error is ours; the command line shows it as one line."""
    done = _run("prove", "gihub")

    assert isinstance(done.exception, ServiceNotFound)
    assert "There is no service called 'gihub'" == done.exception.message
