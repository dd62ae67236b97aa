"""What the server leaves for its kernels, and takes back."""

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from traitlets import TraitError

from conn_core import Settings
from conn_serverext import Connections

VARIABLE = "JUPYTER_CONNECTIONS_ENDPOINT"


@pytest.fixture
def runtime(jp_runtime_dir):
    """Where the handle file is."""
    return Path(jp_runtime_dir)


@pytest.fixture
def handles(runtime):
    """The handle files that are there."""
    return lambda: sorted(runtime.glob("connections-*.json"))


async def test_a_started_server_is_found_by_its_kernels(
    jp_serverapp, extension, handles, provider, fetch, jp_http_port, jp_base_url
):
    """Address in the environment, bearer in a file of its owner, and they work."""
    assert [] == handles()
    await jp_serverapp.extension_manager.start_all_extensions()

    [file] = handles()
    handle = json.loads(file.read_text())
    expected = f"http://127.0.0.1:{jp_http_port}{jp_base_url}connections/"
    assert expected == handle["endpoint"] == os.environ[VARIABLE]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert os.getpid() == handle["pid"]
    answer = await fetch(
        "GET", "api/v1/status", headers={"Authorization": f"Bearer {handle['bearer']}"}
    )
    assert (200, extension.owner) == (answer.code, answer.json["user"])
    await jp_serverapp.cleanup_extensions()


async def test_a_stopped_server_leaves_nothing(jp_serverapp, handles):
    """Neither file nor variable, and stopping twice is no error."""
    await jp_serverapp.extension_manager.start_all_extensions()
    await jp_serverapp.cleanup_extensions()
    await jp_serverapp.cleanup_extensions()

    assert [] == handles()
    assert VARIABLE not in os.environ


async def test_a_variable_that_is_no_longer_ours_stays(jp_serverapp, monkeypatch):
    """Another server of this process may have set it since."""
    await jp_serverapp.extension_manager.start_all_extensions()
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:1/connections/")

    await jp_serverapp.cleanup_extensions()

    assert "http://127.0.0.1:1/connections/" == os.environ[VARIABLE]


async def test_L1_a_bearer_is_in_no_environment_log_or_repr(
    jp_serverapp, extension, caplog
):
    """It is in the file and in the header, nowhere else."""
    await jp_serverapp.extension_manager.start_all_extensions()
    bearer = extension.bearer.reveal()

    assert bearer not in str(dict(os.environ))
    assert bearer not in repr(vars(extension)) + repr(extension.settings)
    assert bearer not in caplog.text
    await jp_serverapp.cleanup_extensions()


async def test_a_folder_that_cannot_be_written_is_no_disaster(
    jp_serverapp, extension, runtime, monkeypatch, caplog
):
    """The server runs; its kernels use the local store, and the log says so."""
    blocked = runtime / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(blocked))

    await jp_serverapp.extension_manager.start_all_extensions()

    assert VARIABLE not in os.environ
    assert "the handle file cannot be written" in caplog.text


async def test_a_server_on_a_unix_socket_says_what_does_not_work(
    jp_serverapp, extension, kernel_header, fetch, provider, handles, caplog
):
    """No browser can come back to it, so nobody can begin to authorize."""
    jp_serverapp.sock = "/run/jupyter.sock"

    await jp_serverapp.extension_manager.start_all_extensions()
    status = await fetch("GET", "api/v1/status", headers=kernel_header)
    start = await fetch("GET", "start/x", headers=kernel_header)

    assert "listens on a Unix socket" in caplog.text
    assert [] == handles()
    assert None is status.json["redirect_base"]
    assert 409 == start.code
    assert "No browser can come back to this server." in start.text


@pytest.mark.parametrize("public_url", ["http://lab.example.com/connections/"])
async def test_a_wrong_option_costs_the_extension_and_not_the_server(
    jp_configurable_serverapp, jp_server_config, public_url, handles, capfd
):
    """It says which option, and the server starts and stops as ever."""
    jp_server_config["ServerApp"]["reraise_server_extension_failures"] = False
    server = jp_configurable_serverapp(config=jp_server_config)

    await server.extension_manager.start_all_extensions()
    await server.cleanup_extensions()

    assert "Connections.public_url must be like" in capfd.readouterr().err
    assert [] == handles()


def test_options_come_before_the_environment(tmp_path, monkeypatch):
    """What the operator sets wins; what is not set stays as it was."""
    before = Settings(
        data_dir=tmp_path, runtime_dir=tmp_path, user="u", use_keyring=False
    )
    monkeypatch.setenv("HOME", str(tmp_path))

    after = Connections(
        allow_loopback=True,
        allowed_networks=["10.20.0.0/16"],
        allowed_ports=[8443],
        accept_shared=True,
        administrators=["ada"],
        share_with_everybody=False,
        most_connections=50,
        most_services=5,
        key_held_minutes=5,
        key_file="~/key",
        catalog_paths=["/more"],
    ).applied_to(before)

    expected = replace(
        before,
        allow_loopback=True,
        allowed_networks=("10.20.0.0/16",),
        allowed_ports=(8443,),
        accept_shared=True,
        administrators=("ada",),
        share_with_everybody=False,
        most_connections=50,
        most_services=5,
        key_held_minutes=5,
        key_file=tmp_path / "key",
        catalog_paths=(Path("/more"),),
    )
    assert expected == after


def test_E22_a_network_that_is_none_is_refused_at_the_start():
    """Not at the first connection that needs it."""
    with pytest.raises(TraitError, match=r"'10\.20\.0\.1/16' .* is no network"):
        Connections(allowed_networks=["10.20.0.1/16"])


@pytest.mark.parametrize("port", [0, 65536, "8443"])
def test_E12_a_port_that_is_none_is_refused_at_the_start(port):
    """Not at the first service that is at it."""
    with pytest.raises(TraitError, match="allowed_ports"):
        Connections(allowed_ports=[port])


async def test_two_runs_have_two_bearers(jp_configurable_serverapp, extension):
    """A bearer dies with its server."""
    first = extension.bearer.reveal()
    extension.initialize_settings()

    assert first != extension.bearer.reveal()


def _ask(endpoint, path, bearer):
    request = urllib.request.Request(
        endpoint + path, headers={"Authorization": f"Bearer {bearer}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.kernel
def test_a_real_server_on_a_free_port_is_found_and_cleans_up(
    start_server, environment, home
):
    """Port 0 becomes the real one, SIGTERM removes the file, the log holds no bearer."""
    process, handle = start_server(
        "--ServerApp.port=0", "--ServerApp.base_url=/user/alice/", "--debug"
    )

    assert handle["endpoint"].endswith("/user/alice/connections/")
    assert ":0/" not in handle["endpoint"]
    status = _ask(handle["endpoint"], "api/v1/status", handle["bearer"])
    assert handle["endpoint"] == status["redirect_base"]

    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    assert [] == list(Path(environment["JUPYTER_RUNTIME_DIR"]).glob("connections-*"))
    assert handle["bearer"] not in (home / "log").read_text()


@pytest.mark.kernel
def test_a_server_that_had_to_take_another_port_says_the_right_one(start_server):
    """Two servers want the same port: each handle names where its server really is."""
    _, first = start_server("--ServerApp.port=0")
    port = first["endpoint"].split(":")[2].partition("/")[0]

    _, second = start_server(f"--ServerApp.port={port}", "--ServerApp.port_retries=20")

    assert first["endpoint"] != second["endpoint"]
    for handle in (first, second):
        status = _ask(handle["endpoint"], "api/v1/status", handle["bearer"])
        assert handle["endpoint"] == status["redirect_base"]


def test_P10_loading_the_extension_loads_nothing_heavy(environment, home):
    """No validation, database, OAuth or HTTP library before the first request.

    Nor what pages say: a server starts more often than somebody opens one.
    """
    program = textwrap.dedent("""
        import json, sys
        from jupyter_server.serverapp import ServerApp

        app = ServerApp(jpserver_extensions={"conn_serverext": True}, allow_root=True,
                        open_browser=False, port=0)
        app.initialize(argv=[], find_extensions=False)
        point = app.extension_manager.extension_points["connections"]
        heavy = ("pydantic", "sqlalchemy", "authlib", "httpx", "alembic", "keyring",
                 "cryptography", "IPython", "ipywidgets", "conn_magics", "conn_widgets",
                 "conn_core.broker._core", "conn_core.http", "conn_core.catalog",
                 "conn_core._settings", "conn_core._values", "conn_core._snippet",
                 "conn_core.auth._parts", "conn_core.look._words")
        print(json.dumps([str(point.app.core._core), [m for m in heavy if m in sys.modules]]))
    """)

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=home,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ["None", []] == json.loads(done.stdout.splitlines()[-1])
