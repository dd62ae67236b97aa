"""``%conn grant …``: made, listed and revoked; the file and the grant, or neither."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest

from conn_core import Grant, IssuedGrant, Secret
from conn_core.errors import GrantNotFound, InteractionRequired, InvalidInput
from conn_magics._desk import Desk
from conn_magics._holder import Holder
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings
from conn_magics._usage import UsageError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE = "http://127.0.0.1:8888/connections/"
AFAR = "https://lab.example.com/connections/"
BEARER = "jcg_CNRY-grant-verbs-5f0c2a91"


class Broker:
    """Keeps grants in a list."""

    def __init__(self, endpoint=HERE):
        self.endpoint = endpoint
        self.kept = []
        self.drafts = []
        self.revoked = []

    def grant(self, draft):
        self.drafts.append(draft)
        made = Grant(
            id=f"g{len(self.drafts)}",
            name=draft.name,
            connections=draft.connections,
            owner="priya",
            exposure=draft.exposure,
            created_at=NOW,
            expires_at=NOW + draft.ttl,
        )
        self.kept.insert(0, made)
        return IssuedGrant(grant=made, bearer=Secret(BEARER), endpoint=self.endpoint)

    def grants(self):
        return tuple(self.kept)

    def revoke_grant(self, grant_id):
        if grant_id not in {each.id for each in self.kept}:
            raise GrantNotFound("You have no such grant", "See %conn grant list")
        self.revoked.append(grant_id)
        return next(each for each in self.kept if each.id == grant_id)


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def conn(broker):
    """Runs a line; ``answers`` are typed."""

    def run(line, *, answers=None):
        typed = iter(answers or ())
        desk = Desk(
            holder=Holder(find=None),
            around=Surroundings(person=answers is not None, terminal=True),
            ask=lambda _: next(typed),
            now=lambda: NOW,
        )
        with desk.holder.using(broker):
            return run_line(line, desk=desk)

    return run


def test_a_grant_and_its_file_are_made(conn, broker, tmp_path):
    """Sealed and for thirty days, unless one says otherwise; the bearer is in the file."""
    path = tmp_path / "grant.json"

    view = conn(f"grant create --for nightly --names github,sheet -o {path}")

    (draft,) = broker.drafts
    assert ("nightly", ("github", "sheet"), timedelta(days=30), "sealed") == (
        draft.name,
        draft.connections,
        draft.ttl,
        draft.exposure,
    )
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    body = json.loads(path.read_text())
    assert (BEARER, HERE) == (body["bearer"], body["endpoint"])
    text = repr(view) + view._repr_html_() + json.dumps(view.to_json())
    assert BEARER not in text
    assert "The grant 'nightly' is in" in text
    assert "%conn grant revoke g1" in text
    assert "works on this machine only" in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("8w", timedelta(weeks=8)),
    ],
)
def test_how_long_it_lives(conn, broker, tmp_path, typed, meant):
    """Minutes, hours, days and weeks; and the token itself where that is asked for."""
    conn(
        f"grant create --for x --names a -o {tmp_path}/g --ttl {typed} --direct "
        f"--endpoint {AFAR}"
    )

    (draft,) = broker.drafts
    assert (meant, "direct") == (draft.ttl, draft.exposure)
    assert AFAR == json.loads((tmp_path / "g").read_text())["endpoint"]


@pytest.mark.parametrize("ttl", ["", "30", "d", "0d", "-1d", "1y", "30 d", "1e3d"])
def test_a_time_that_is_none(conn, broker, tmp_path, ttl):
    """Nothing is made; the form that is wanted is shown."""
    with pytest.raises(UsageError):
        conn(f"grant create --for x --names a -o {tmp_path}/g --ttl '{ttl}'")
    assert not list(tmp_path.iterdir())
    assert [] == broker.drafts


@pytest.mark.parametrize("left_out", ["--for x", "--names a", "-o FILE"])
def test_what_is_left_out_is_named(conn, left_out):
    """Each of the three is needed."""
    whole = "grant create --for x --names a -o FILE"
    with pytest.raises(UsageError, match="required"):
        conn(whole.replace(left_out, ""))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("--ttl 400d", "Nothing was stored"),
        ("--names ,", "Nothing was stored"),
        ("--endpoint http://lab.example.com/connections/", "is not encrypted"),
        ("--endpoint https://lab.example.com/lab", "ends in /connections/"),
        ("--endpoint nonsense", "is not like https://"),
    ],
)
def test_what_cannot_be_granted_leaves_nothing(conn, broker, tmp_path, more, why):
    """Neither a file nor a grant."""
    names = "" if "--names" in more else "--names a"

    with pytest.raises(InvalidInput, match=why):
        conn(f"grant create --for x -o {tmp_path}/g {names} {more}")

    assert not list(tmp_path.iterdir())
    assert len(broker.drafts) == len(broker.revoked)


def test_a_network_of_ones_own_may_be_in_clear(conn, tmp_path):
    """The file remembers who said so."""
    conn(
        f"grant create --for x --names a -o {tmp_path}/g --insecure "
        "--endpoint http://connections.hub.svc/connections/"
    )

    assert json.loads((tmp_path / "g").read_text())["insecure"] is True


def test_without_a_server_there_is_nothing_to_ask(conn, broker, tmp_path):
    """A grant that was made by then is ended; an address can be named."""
    broker.endpoint = None

    with pytest.raises(InvalidInput, match="No server is running here"):
        conn(f"grant create --for x --names a -o {tmp_path}/g")
    assert (["g1"], []) == (broker.revoked, list(tmp_path.iterdir()))

    conn(f"grant create --for x --names a -o {tmp_path}/g --endpoint {AFAR}")
    assert AFAR == json.loads((tmp_path / "g").read_text())["endpoint"]


def test_a_file_that_is_there_is_not_touched(conn, broker, tmp_path):
    """And no grant is made for nothing."""
    (tmp_path / "g").write_text("precious")

    with pytest.raises(InvalidInput, match="File exists"):
        conn(f"grant create --for x --names a -o {tmp_path}/g")

    assert "precious" == (tmp_path / "g").read_text()
    assert [] == broker.drafts


def test_a_disk_that_is_full_leaves_nothing(conn, broker, tmp_path, monkeypatch):
    """The grant that nobody could use is ended."""
    from conn_core.broker import _grant_file

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_grant_file, "fill_grant_file", full)
    with pytest.raises(OSError, match="No space"):
        conn(f"grant create --for x --names a -o {tmp_path}/g")
    assert (["g1"], []) == (broker.revoked, list(tmp_path.iterdir()))


def test_grants_are_listed(conn, broker):
    """What each may use, how it stands, and who used it last."""
    broker.kept = [
        Grant(
            id="g3",
            name="nightly",
            connections=("github", "kim/sheet"),
            owner="priya",
            exposure="direct",
            expires_at=NOW + timedelta(days=3),
            last_used_at=NOW - timedelta(hours=2),
            last_used_from="argo/nightly",
        ),
        Grant(
            id="g2",
            name="old",
            connections=("a",),
            owner="priya",
            expires_at=NOW - timedelta(days=3),
        ),
        Grant(id="g1", name="gone", connections=("a",), owner="priya", revoked_at=NOW),
    ]

    for line in ("grant", "grant list"):
        text = repr(conn(line))
        assert "github, kim/sheet" in text
        assert "ends in 3 days" in text
        assert "2 hours ago, argo/nightly" in text
        assert "ended 22 November 2026" in text
        assert "revoked 25 November 2026" in text
    assert ["g3", "g2", "g1"] == [
        each["id"] for each in conn("grant list --json")["items"]
    ]


def test_no_grant_is_an_answer_too(conn):
    """With the command that makes one."""
    assert "There is no grant" in repr(conn("grant list"))


def test_revoking_asks_once(conn, broker):
    """A job fails at once: that is not done by a slip."""
    broker.kept = [Grant(id="g1", name="nightly", connections=("a",), owner="priya")]

    assert "Nothing was changed" in repr(conn("grant revoke g1", answers=["n"]))
    assert [] == broker.revoked
    assert "'nightly' is revoked" in repr(conn("grant revoke g1", answers=["y"]))
    assert "'nightly' is revoked" in repr(conn("grant revoke g1 -y"))
    assert ["g1", "g1"] == broker.revoked
    with pytest.raises(InteractionRequired):
        conn("grant revoke g1")
    with pytest.raises(GrantNotFound):
        conn("grant revoke none -y")
