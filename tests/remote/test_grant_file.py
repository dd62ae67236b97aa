"""The grant file, and what a process does that is told of one."""

import json
import os
import stat
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from conn_core import Grant, IssuedGrant, Secret, Settings
from conn_core.broker import RemoteBroker, resolve
from conn_core.broker import _grant_file as grant_file
from conn_core.broker._environment import EnvironmentBroker
from conn_core.errors import BrokerUnavailable, GrantEnded, InvalidInput

VARIABLE = "JUPYTER_CONNECTIONS_GRANT"
STATUS = {"kind": "local", "user": "priya", "location": "", "key_source": ""}
ENDS = datetime(2027, 1, 31, tzinfo=UTC)
HTTPS = "https://lab.example.com/connections/"


@pytest.fixture
def issued(bearer):
    """A grant in the moment when its bearer is known."""
    grant = Grant(
        id="g1",
        name="nightly",
        connections=("github", "sheet"),
        owner="priya",
        expires_at=ENDS,
    )
    return IssuedGrant(grant=grant, bearer=Secret(bearer))


@pytest.fixture
def write(tmp_path, issued):
    """Writes a grant's file as ``grant create`` does."""

    def write(endpoint, *, insecure=False, name="grant.json"):
        path = tmp_path / name
        made = grant_file.make_grant_file(path)
        grant_file.fill_grant_file(made, issued, endpoint=endpoint, insecure=insecure)
        return path

    return write


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data_dir=tmp_path / "data", runtime_dir=tmp_path, user="sam", use_keyring=False
    )


@pytest.fixture
def find(settings):
    """Resolves, and closes what was opened."""
    found = []

    def find(environ):
        found.append(resolve(settings, environ))
        return found[-1]

    yield find
    for resolved in found:
        resolved.close()


@pytest.fixture
def mounted(monkeypatch):
    """Lets a folder look as if it were mounted by an operator's machinery."""

    def mount(*, read_only=True, uid=0):
        real = os.fstat

        def fstat(descriptor):
            found = list(real(descriptor))
            found[stat.ST_UID] = uid
            return os.stat_result(found)

        flags = os.ST_RDONLY if read_only else 0
        monkeypatch.setattr(os, "fstat", fstat)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(os, "fstatvfs", lambda _: SimpleNamespace(f_flag=flags))

    return mount


# --- the file -----------------------------------------------------------------------------


def test_L6_P1_only_the_owner_can_read_it(usual_umask, write, bearer, canary):
    """Four members, and nothing that is not needed."""
    path = write(HTTPS)

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    body = json.loads(path.read_text())
    assert {
        "endpoint": HTTPS,
        "bearer": bearer,
        "connections": ["github", "sheet"],
        "expires_at": "2027-01-31T00:00:00Z",
    } == body
    found = grant_file.read_grant_file(path)
    assert (HTTPS, ("github", "sheet"), ENDS) == (
        found.endpoint,
        found.connections,
        found.expires_at,
    )
    assert bearer not in repr(found)


def test_P3_nothing_is_overwritten_and_no_link_followed(tmp_path):
    """Whatever lies there is somebody's."""
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "link").symlink_to("mine")
    (tmp_path / "dangling").symlink_to("new")

    for name in ("mine", "link", "dangling"):
        with pytest.raises(InvalidInput, match="cannot be written"):
            grant_file.make_grant_file(tmp_path / name)

    assert "precious" == (tmp_path / "mine").read_text()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o444, 0o620, 0o610])
def test_P2_a_file_that_others_can_open_is_not_read(write, mode):
    """Its bearer may be known, or somebody else's."""
    path = write(HTTPS)
    path.chmod(mode)

    with pytest.raises(BrokerUnavailable, match="can be read by other people"):
        grant_file.read_grant_file(path)


def test_P4_a_file_of_somebody_else_is_not_read(write, monkeypatch):
    """It could lead elsewhere."""
    path = write(HTTPS)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)

    with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
        grant_file.read_grant_file(path)


def test_P3_a_link_is_not_read(write):
    """Even to a good file."""
    path = write(HTTPS)
    link = path.with_name("link")
    link.symlink_to(path)

    with pytest.raises(BrokerUnavailable, match="is a link"):
        grant_file.read_grant_file(link)


def test_a_pipe_hangs_nobody_and_is_no_grant(tmp_path):
    """Nor does a file that is missing or says something else."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(BrokerUnavailable, match="is no file"):
        grant_file.read_grant_file(tmp_path / "pipe")
    with pytest.raises(BrokerUnavailable, match="is not there"):
        grant_file.read_grant_file(tmp_path / "none")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        '{"endpoint": "https://a/", "bearer": "x", "connections": [], "expires_at": 3}',
        '{"endpoint": "https://a/", "bearer": "x", "connections": 1, "expires_at": null}',
        '{"endpoint": "https://a/", "bearer": "x", "connections": [], "expires_at": "x"}',
    ],
)
def test_a_file_that_is_no_grant_says_so(write, text):
    """Half written, or another one."""
    path = write(HTTPS)
    path.write_text(text)

    with pytest.raises(BrokerUnavailable, match="is no grant") as caught:
        grant_file.read_grant_file(path)
    assert "Run %conn grant create" == caught.value.hint


@pytest.mark.parametrize("mode", [0o400, 0o440])
@pytest.mark.parametrize("linked", [False, True])
def test_what_an_operators_machinery_mounts_is_read(write, mounted, mode, linked):
    """Credentials of systemd, and Kubernetes' secrets, which are links."""
    path = write(HTTPS)
    path.chmod(mode)
    link = path.with_name("link")
    link.symlink_to(path)
    mounted()

    found = grant_file.read_grant_file(link if linked else path)

    assert HTTPS == found.endpoint


@pytest.mark.parametrize(
    ("mode", "mount"),
    [
        (0o444, {}),
        (0o460, {}),
        (0o440, {"read_only": False}),
        (0o440, {"uid": 1001}),
    ],
)
def test_what_others_could_read_or_have_put_there_is_not(write, mounted, mode, mount):
    """Kubernetes' own default is 0444: the document that we print sets another."""
    path = write(HTTPS)
    path.chmod(mode)
    mounted(**mount)

    with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
        grant_file.read_grant_file(path)


def test_where_nothing_can_be_said_of_a_mount_it_is_not_trusted(
    write, mounted, monkeypatch
):
    """A file system may not answer."""
    path = write(HTTPS)
    mounted()

    def silent(_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "fstatvfs", silent)
    with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
        grant_file.read_grant_file(path)


@pytest.mark.parametrize(
    ("endpoint", "insecure", "fits"),
    [
        (HTTPS, False, True),
        ("http://127.0.0.1:8888/connections/", False, True),
        ("http://[::1]:8888/connections/", False, True),
        ("http://connections.hub.svc/connections/", False, False),
        ("http://connections.hub.svc/connections/", True, True),
        ("http://127.0.0.1.evil.example/", False, False),
        ("http://127.0.0.1@evil.example/", True, False),
        ("ftp://lab.example.com/", True, False),
        ("https:///connections/", True, False),
        ("https://[", True, False),
        ("https://a.example:99999/", True, False),
    ],
)
def test_the_way_is_encrypted_unless_its_maker_said_otherwise(
    endpoint, insecure, fits, write
):
    """In a cluster's own network it may be in clear; the file remembers that."""
    path = write(endpoint, insecure=insecure)

    if fits:
        assert endpoint == grant_file.read_grant_file(path).endpoint
    else:
        with pytest.raises(BrokerUnavailable):
            grant_file.read_grant_file(path)


# --- finding it ---------------------------------------------------------------------------


def test_a_grant_is_what_a_job_uses(find, write, server, settings, bearer):
    """Its server is asked with its bearer; the local store is not opened."""
    seen = []

    def status(request):
        seen.append(request.headers["authorization"])
        from scripted_peer import Reply

        return Reply(200, json.dumps(STATUS).encode())

    server.answers["GET", "status"] = status
    path = write(server.endpoint)

    resolved = find(
        {VARIABLE: str(path), "JUPYTER_CONNECTIONS_ENDPOINT": "http://127.0.0.1:9/"}
    )

    assert isinstance(resolved.broker, RemoteBroker)
    (step,) = resolved.steps
    assert (f"The grant {path}", True) == (step.name, step.chosen)
    assert (
        f"acts as priya at {server.endpoint}, with github, sheet alone" == step.outcome
    )
    assert [f"Bearer {bearer}"] == seen
    assert not settings.data_dir.exists()
    assert "CNRY" not in repr(resolved) + repr(resolved.steps)


def test_U2_a_grant_that_cannot_be_used_is_never_passed_over(
    find, write, new_server, settings
):
    """Going on would give the job all that its user has."""
    gone = new_server()
    path = write(gone.endpoint)
    gone.peer.close()

    for named in (str(path), str(path.with_name("none.json")), "grant"):
        with pytest.raises(BrokerUnavailable):
            find({VARIABLE: named})
    assert not settings.data_dir.exists()


def test_a_grant_that_has_ended_says_so(find, write, server, settings):
    """In the server's words."""
    body = {
        "code": "grant_ended",
        "message": "This job's grant 'nightly' expired on 2026-11-24",
        "hint": "Run %conn grant create",
    }
    server.answers["GET", "status"] = 401, body

    with pytest.raises(GrantEnded, match="'nightly' expired on 2026-11-24"):
        find({VARIABLE: str(write(server.endpoint))})
    assert not settings.data_dir.exists()


def test_variables_come_before_the_grant(find, write, server):
    """For their names alone; the grant is looked at when another is asked for."""
    server.answers["GET", "status"] = 200, STATUS
    brought = {"access_token": "CNRY-v", "api_base_url": "https://api.example.com"}
    environ = {
        "JUPYTER_CONN_GITHUB": json.dumps(brought),
        VARIABLE: str(write(server.endpoint)),
    }

    resolved = find(environ)

    assert isinstance(resolved.broker, EnvironmentBroker)
    assert "priya" == resolved.broker.status().user
    assert [f"The grant {environ[VARIABLE]}"] == [s.name for s in resolved.steps[1:]]


def test_a_word_is_a_credential_of_systemd(find, write, server, tmp_path):
    """``LoadCredential=grant:…`` puts it into a folder that a variable names."""
    server.answers["GET", "status"] = 200, STATUS
    write(server.endpoint, name="grant")

    environ = {VARIABLE: "grant", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert isinstance(find(environ).broker, RemoteBroker)
    with pytest.raises(BrokerUnavailable, match="names the systemd credential 'grant'"):
        find({VARIABLE: "grant"})


def test_a_renewed_file_is_read_again(find, write, server):
    """A mounted secret is exchanged while the job runs."""
    server.answers["GET", "status"] = 200, STATUS
    path = write(server.endpoint)
    broker = find({VARIABLE: str(path)}).broker

    server.takes = "CNRY-bearer-renewed"
    body = json.loads(path.read_text()) | {"bearer": "CNRY-bearer-renewed"}
    path.write_text(json.dumps(body))
    assert "priya" == broker.status().user

    server.takes = "CNRY-bearer-elsewhere"
    path.write_text(json.dumps(body | {"endpoint": HTTPS}))
    with pytest.raises(BrokerUnavailable, match="for another server by now"):
        broker.status()
