"""The HTTP library comes without its command, and its command still works."""

import subprocess
import sys

import pytest

from conn_core.http._httpx_alone import leave_out_command


def _said(program, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_P17_a_client_loads_no_library_for_terminals():
    """All three are installed here, and httpx takes them with it where it is alone."""
    heavy = "{'click', 'pygments', 'rich'} & sys.modules.keys()"
    with_ours = f"import sys, conn_core.http._client; print(sorted({heavy}))"
    without = f"import sys, httpx; print(sorted({heavy}))"

    assert "[]\n" == _said(with_ours)
    assert "['click', 'pygments', 'rich']\n" == _said(without)


def test_its_command_is_loaded_when_it_is_called(monkeypatch, capsys):
    """Somebody may call it in this process after all."""
    monkeypatch.delitem(sys.modules, "httpx", raising=False)
    monkeypatch.delitem(sys.modules, "httpx._main", raising=False)
    monkeypatch.setattr(sys, "argv", ["httpx", "--help"])
    leave_out_command()

    with pytest.raises(SystemExit, match="0"):
        sys.modules["httpx._main"].main()

    assert "Usage: httpx" in capsys.readouterr().out


def test_what_was_loaded_before_stays_as_it_is():
    """It is the person's own."""
    program = (
        "import httpx, sys\n"
        "before = sys.modules['httpx._main']\n"
        "import conn_core.http._client\n"
        "print(sys.modules['httpx._main'] is before, httpx.main is before.main)\n"
    )

    assert "True True\n" == _said(program)


def test_P17_what_only_obtains_credentials_is_not_loaded_to_use_one():
    """Signing as a client, and consent; nor what reads whole notebooks, nor drafts."""
    program = (
        "import sys, conn_magics._opening\n"
        "assert 'conn_core.jobs._python' not in sys.modules\n"
        "from conn_core.look import attention\n"  # what a cell says besides
        "assert 'conn_core.look._words' not in sys.modules\n"
        "import conn_core.auth._oauth2\n"
        "from conn_core.broker import open_core\n"
        "drafts = {f'conn_core.{m}' for m in ('_drafts', '_job_drafts', '_service_draft')}\n"
        "heavy = {'joserfc', 'authlib', 'alembic', 'sqlalchemy.dialects.postgresql'}\n"
        "print(sorted((drafts | heavy) & sys.modules.keys()))\n"
    )

    assert "[]\n" == _said(program)
