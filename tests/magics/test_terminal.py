"""IPython in a real terminal: what is typed unseen is neither shown nor remembered."""

import os
import sys

import pexpect
import pytest

CATALOGUE = """
[[service]]
id = "herbs"
name = "Herbs"
auth_type = "api_key"
api_base_url = "https://api.herbs.example"
api_hosts = ["api.herbs.example"]
"""


@pytest.fixture
def ipython(tmp_path):
    """IPython as somebody starts it, with a home, a history and a store of its own."""
    (tmp_path / "shops.toml").write_text(CATALOGUE)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON"))
    } | {
        "HOME": str(tmp_path),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / "connections"),
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_CONNECTIONS_CATALOG": str(tmp_path / "shops.toml"),
        "TERM": "dumb",
    }
    command = ["-m", "IPython", "--no-banner", "--simple-prompt", "--colors=nocolor"]
    child = pexpect.spawn(
        sys.executable, command, env=environment, timeout=60, encoding="utf-8"
    )
    with (tmp_path / "screen.txt").open("w") as screen:
        child.logfile_read = screen
        yield child
        child.close(force=True)


def _line(ipython, text, number):
    ipython.expect_exact(f"In [{number}]: ")
    ipython.sendline(text)


def test_K16_K20_a_key_typed_unseen_is_not_on_the_screen_nor_in_the_history(
    ipython, tmp_path, canary
):
    """Neither in IPython's database nor in a file of readline."""
    secret = canary("api-key")
    _line(ipython, "%load_ext conn_magics", 1)
    _line(ipython, "%conn new herbs --name Garden", 2)
    ipython.expect_exact("sent to api.herbs.example")
    ipython.expect_exact("API key: ")
    ipython.waitnoecho(10)
    ipython.sendline(secret)
    ipython.expect_exact("'garden' is connected")
    _line(
        ipython, "import conn_magics as cm; len(cm.get('garden').token().reveal())", 3
    )
    ipython.expect_exact(f"Out[3]: {len(secret)}")
    _line(ipython, "_, __, In, Out, locals()", 4)
    _line(ipython, "%history", 5)
    _line(ipython, "exit", 6)
    ipython.expect(pexpect.EOF)

    history = tmp_path / "ipython/profile_default/history.sqlite"
    assert b"cm.get('garden')" in history.read_bytes()
    assert 4 < canary.sweep([tmp_path])
