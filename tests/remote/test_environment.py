"""Connections that the environment brings."""

import json
from datetime import UTC, datetime

import pytest

from conn_core import Connection, Need, Page
from conn_core.broker._environment import EnvironmentBroker
from conn_core.errors import (
    AuthorizationEnded,
    BrokerUnavailable,
    InvalidInput,
    NotAllowed,
    ScopeMissing,
)

TOKEN = "CNRY-token-of-the-environment"
GOOD = {
    "access_token": TOKEN,
    "api_base_url": "https://api.github.com/v3",
    "scopes": ["repo", "read:user"],
}


class Below:
    """Another broker; says what it was asked."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, verb):
        def answer(*arguments, **options):
            self.asked.append((verb, *arguments))
            return self.items if verb == "connections" else f"{verb} below"

        return answer

    items = Page(
        items=(
            Connection(link_name="acme", name="A", service="s", service_name="S"),
            Connection(link_name="github", name="G", service="s", service_name="S"),
        ),
        total=2,
    )


@pytest.fixture
def below():
    return Below()


@pytest.fixture
def new_broker(below):
    """Makes brokers over a variable's members."""

    def new(members=GOOD, **changes):
        text = members if isinstance(members, str) else json.dumps(members | changes)
        environ = {"JUPYTER_CONN_GITHUB": text, "JUPYTER_CONNECTIONS_ENDPOINT": "x"}
        return EnvironmentBroker(
            environ,
            below=lambda: below,
            user="sam",
            now=lambda: datetime(2026, 11, 25, tzinfo=UTC),
        )

    return new


def test_a_variable_is_a_connection(new_broker):
    """Two members are enough; the hosts are the base URL's own."""
    token = new_broker().access_token("github", require=("repo",))

    assert token.access_token.same_as(TOKEN)
    assert ("api.github.com",) == token.api_hosts
    assert ("Authorization", "Bearer ") == (token.param_name, token.param_prefix)
    assert ("github", "github") == (token.link_name, token.service_name)


def test_every_member_is_used(new_broker):
    """As documented."""
    token = new_broker(
        api_hosts=["api.github.com", "uploads.github.com"],
        service="GitHub",
        token_type="token",
        expires_at="2026-12-01T00:00:00Z",
        param_type="query",
        param_name="key",
        param_prefix="",
    ).access_token("github")

    assert ("api.github.com", "uploads.github.com") == token.api_hosts
    assert ("GitHub", "token") == (token.service_name, token.token_type)
    assert ("query", "key", "") == (
        token.param_type,
        token.param_name,
        token.param_prefix,
    )
    assert datetime(2026, 12, 1, tzinfo=UTC) == token.expires_at


def test_dashes_and_underscores_are_one():
    """A variable's name knows no dashes."""
    broker = EnvironmentBroker(
        {"JUPYTER_CONN_FINANCE_SHEET": json.dumps(GOOD)},
        below=lambda: pytest.fail("nobody else is asked"),
        user="sam",
    )

    for name in ("finance-sheet", "finance_sheet", "Finance-Sheet"):
        assert "finance-sheet" == broker.connection(name).link_name


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ("no json CNRY-inside", "holds no JSON object"),
        ('["CNRY-inside"]', "holds no JSON object"),
        ({"api_base_url": "https://a.example"}, "needs a text as access_token"),
        ({"access_token": "CNRY-inside"}, "needs a text as api_base_url"),
        (GOOD | {"access_token": 5}, "needs a text as access_token"),
        (GOOD | {"access_token": "CNRY\n"}, "needs a text as access_token"),
        (GOOD | {"access_token": "CNRYä"}, "needs plain characters"),
        (GOOD | {"access_token": ""}, "needs plain characters"),
        (GOOD | {"api_base_url": "http://api.example"}, "must begin with https://"),
        (GOOD | {"api_hosts": "api.github.com"}, "needs a list of texts as api_hosts"),
        (GOOD | {"api_hosts": ["*.com"]}, "followed by a domain of at least two"),
        (GOOD | {"expires_at": "soon"}, "Invalid isoformat"),
        (GOOD | {"expires_at": "2026-12-01T00:00:00"}, "needs a time with its offset"),
        (GOOD | {"param_type": "cookie"}, "needs header, query or body"),
        (
            GOOD | {"refresh_token": "CNRY-x"},
            r"members that are not known: \['refresh_",
        ),
    ],
)
def test_a_variable_that_cannot_be_used_says_why(new_broker, members, reason):
    """And nothing of what it holds; lists show it as failed."""
    broker = new_broker(members)

    with pytest.raises(InvalidInput, match=reason) as caught:
        broker.access_token("github")

    assert str(caught.value).startswith("JUPYTER_CONN_GITHUB cannot be used: it ")
    assert "CNRY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "failed" == broker.connection("github").status
    assert "CNRY" not in repr(broker.connection("github"))


def test_an_expired_token_is_said_to_be(new_broker):
    """Nobody can renew it from here."""
    broker = new_broker(expires_at="2026-11-01T00:00:00Z")

    with pytest.raises(AuthorizationEnded) as caught:
        broker.access_token("github")

    assert (
        "The token in JUPYTER_CONN_GITHUB expired at 2026-11-01T00:00:00Z. "
        "Set JUPYTER_CONN_GITHUB anew"
    ) == str(caught.value)
    assert "failed" == broker.connection("github").status


def test_a_scope_that_is_missing_is_named(new_broker):
    """Where the variable says which it has; else nobody knows."""
    with pytest.raises(ScopeMissing, match="lacks the scope 'admin'"):
        new_broker().access_token("github", require=("repo", "admin"))

    assert new_broker(scopes=[]).access_token("github", require=("admin",))


def test_it_cannot_be_changed_from_here(new_broker, below):
    """The text says where it comes from."""
    broker = new_broker()

    for change in (
        broker.refresh,
        broker.revoke,
        broker.enable,
        broker.delete,
        broker.authorize,
        lambda name: broker.edit(name, None),
    ):
        with pytest.raises(
            NotAllowed, match="environment variable JUPYTER_CONN_GITHUB"
        ):
            change("github")
    with pytest.raises(InvalidInput, match="no address that is harmless"):
        broker.test("github")
    assert () == broker.events("github")
    assert () == broker.uses("github")
    assert [] == below.asked


def test_all_else_is_asked_below(new_broker, below):
    """Other names, services and authorizations."""
    broker = new_broker()

    for verb in ("access_token", "refresh", "revoke", "enable", "delete", "authorize"):
        getattr(broker, verb)("acme")
    for verb in ("connection", "test", "events", "uses"):
        assert f"{verb} below" == getattr(broker, verb)("acme")
    broker.edit("acme", None)
    broker.create("draft")
    broker.services("q")
    broker.categories()
    broker.service("s")
    broker.register_client("s", "registration")
    broker.register_automatically("s")
    broker.create_service("draft")
    broker.edit_service("s", "draft")
    broker.delete_service("s")
    broker.propose_service(issuer="i")
    broker.internal_connection("s")
    broker.authorization("f")
    broker.cancel("f")
    assert "status below" == broker.status()
    assert 25 == len(below.asked)


def test_lists_show_both_and_the_environment_wins(new_broker):
    """One of the same name below is hidden."""
    page = new_broker().connections()

    assert ["github", "acme"] == [c.link_name for c in page.items]
    assert "connected" == page.items[0].status
    assert [] == [
        c for c in new_broker().connections(status="revoked").items if c.owner == "sam"
    ]
    assert ["acme"] == [c.link_name for c in new_broker().connections(cursor="2").items]


def test_without_a_broker_below_the_environment_is_all(new_broker):
    """As on a machine that has nothing else."""
    broker = new_broker()

    def nothing():
        raise BrokerUnavailable("No credentials are reachable from here")

    broker.below = nothing

    assert ["github"] == [c.link_name for c in broker.connections().items]
    assert ("local", "environment variables") == (
        broker.status().kind,
        broker.status().location,
    )
    with pytest.raises(BrokerUnavailable):
        broker.access_token("acme")


def test_time_is_told_by_the_clock_unless_a_test_does(below):
    """A token of last year is expired today."""
    old = json.dumps(GOOD | {"expires_at": "2020-01-01T00:00:00Z"})
    broker = EnvironmentBroker(
        {"JUPYTER_CONN_GITHUB": old}, below=lambda: below, user="sam"
    )

    with pytest.raises(AuthorizationEnded):
        broker.access_token("github")


def test_it_shows_names_alone(new_broker):
    """No token in a repr."""
    assert "<EnvironmentBroker with github>" == repr(new_broker())


def test_a_variable_signs_nothing(new_broker, below):
    """It holds the credential itself; other connections are signed below."""
    request = {"method": "GET", "url": "https://x.example", "headers": {}, "body": b""}
    broker = new_broker()

    with pytest.raises(InvalidInput, match="JUPYTER_CONN_GITHUB holds the credential"):
        broker.sign("github", **request)

    assert [] == below.asked
    assert "sign below" == broker.sign("acme", **request)
    assert [("sign", "acme")] == below.asked


def test_a_job_may_use_a_variable_as_long_as_it_says(new_broker, below):
    """Its end, its scopes and its mistakes are known before the job runs."""
    (ready,) = new_broker().check([Need(name="github", scopes=("repo",))])
    assert (ready.ready, ready.runs_as, ready.until) == (True, "sam", None)

    ends = new_broker(expires_at="2026-12-01T00:00:00Z")
    until = datetime(2027, 1, 1, tzinfo=UTC)
    assert ends.check([Need(name="github")])[0].ready
    (late,) = ends.check([Need(name="github")], until=until)
    assert not late.ready
    assert "expires at 2026-12-01" in late.problem

    (wrong,) = new_broker().check([Need(name="github", scopes=("gist",))])
    assert "lacks the scope 'gist'" in wrong.problem
    assert [] == below.asked


def test_what_else_a_job_needs_is_asked_below(new_broker, below):
    """Other names, and tasks."""
    new_broker().check([Need(name="acme"), Need(task="slack.post_message")])
    assert ["check", "check"] == [verb for verb, *_ in below.asked]


def test_what_the_environment_brings_has_no_relay_and_is_not_sealed(new_broker, below):
    """The token is in this process; all other names are asked for below."""
    broker = new_broker()

    assert broker.relay("github") is None
    with pytest.raises(NotAllowed, match="cannot be changed from here"):
        broker.seal("github")
    assert "relay below" == broker.relay("acme")
    assert "seal below" == broker.seal("acme", sealed=False)
    assert [("relay", "acme"), ("seal", "acme")] == below.asked


def test_what_the_environment_brings_is_neither_shared_nor_handed_on(new_broker, below):
    """All other names are asked for below."""
    broker = new_broker()
    for refused in (
        lambda: broker.share("github", ["*"]),
        lambda: broker.transfer("github", "grace"),
    ):
        with pytest.raises(NotAllowed, match="cannot be changed from here"):
            refused()
    assert "share below" == broker.share("acme", ["*"])
    assert "transfer below" == broker.transfer("acme", "grace")
