"""Services and connections as one file: nothing secret goes out, nothing foreign comes in."""

import json
import tomllib

import pytest

from conn_core import (
    ConnectionDraft,
    ServiceDraft,
    bundle_text,
    read_bundle,
    read_draft,
)
from conn_core.errors import InvalidInput

OWN = {
    "name": "Acme",
    "auth_type": "bearer",
    "api_base_url": "https://api.acme.example/v2",
    "scopes": [{"name": "read"}],
}


@pytest.fixture
def text(world):
    """What somebody exports who has a connection and describes a service."""

    def write(*, as_json=False):
        broker = world.broker()
        return bundle_text(
            broker.services(predefined=False).items,
            broker.connections(group="my").items,
            as_json=as_json,
        )

    broker = world.connected()
    broker.create_service(read_draft(ServiceDraft, OWN))
    broker.create(
        ConnectionDraft(
            service="tenant-desk",
            name="Zürich",
            parameters={"tenant": "acme"},
            use_login_user_credentials=True,
            exposure="sealed",
            rules={"methods": ["GET"], "paths": ["/v2"]},
        )
    )
    return write


@pytest.mark.parametrize("as_json", [False, True])
def test_O10_a_file_holds_no_secret_and_nobody(text, canary, as_json):
    """No token, no client registration, no owner, no account."""
    written = text(as_json=as_json)
    content = json.loads(written) if as_json else tomllib.loads(written)
    assert {"service", "connection"} == content.keys()
    members = {name for table in content["connection"] for name in table}
    assert members <= {
        "service",
        "name",
        "link_name",
        "scopes",
        "use_login_user_credentials",
        "parameters",
        "exposure",
        "rules",
    }
    assert "sam" not in written
    canary.sweep([], {"file": written})


@pytest.mark.parametrize("as_json", [False, True])
def test_what_was_exported_is_imported(world, text, as_json):
    """By somebody else, who owns it, shares it with nobody, and authorizes anew."""
    bundle = read_bundle(text(as_json=as_json))
    kim = world.broker("kim")
    for draft in bundle.connections:
        made = kim.create(draft)
        assert ("kim", (), "needs authorization") == (
            made.owner,
            made.shared_with,
            made.status,
        )
    mine = world.broker().connections(group="my").items
    theirs = kim.connections(group="my").items
    kept = ("link_name", "name", "service", "scopes", "parameters", "exposure", "rules")
    assert [[getattr(c, name) for name in kept] for c in mine] == [
        [getattr(c, name) for name in kept] for c in theirs
    ]
    assert ["acme"] == [draft.id for draft in bundle.services]


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("connection", "owner"),
        ("connection", "id"),
        ("connection", "secret"),
        ("connection", "access_token"),
        ("connection", "shared_with"),
        ("connection", "lend_token"),
        ("connection", "status"),
        ("connection", "group"),
        ("service", "owner"),
        ("service", "client_secret"),
        ("service", "client_id"),
        ("service", "registered"),
        ("service", "predefined"),
        ("service", "version"),
    ],
)
def test_O8_a_file_cannot_say_what_only_we_know(kind, member):
    """Whose it is, who may use it, what proves it: refused before anything is made."""
    written = json.dumps({kind: [{"name": "X", "service": "expenses", member: "x"}]})
    if kind == "service":
        written = json.dumps({kind: [OWN | {member: "x"}]})
    with pytest.raises(InvalidInput, match=f"cannot be given '{member}' by a file"):
        read_bundle(written)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{", "neither TOML nor JSON"),
        ("[[connection]", "neither TOML nor JSON"),
        ('{"connection": 1}', "must be a table"),
        ('{"connection": [1]}', "must be a table"),
        ('{"connection": [], "connection": []}', "neither TOML nor JSON"),
        ('{"owner": "sam"}', "it holds 'owner'"),
        ("x" * 1_100_000, "too large"),
        (".".join("a" * 30) + " = 1", "too many parts"),
        ('{"a":' + "[" * 5000, "neither TOML nor JSON"),
        (json.dumps({"connection": [{}] * 1001}), "more than 1000"),
        ('{"connection": [{"name": "no service"}]}', "service"),
        ("!!python/object/apply:os.system [x]", "neither TOML nor JSON"),
    ],
    ids=range(12),
)
def test_O6_O7_what_is_no_such_file_is_refused(written, words):
    """Bombs, doubles, and other languages."""
    with pytest.raises(InvalidInput, match=words):
        read_bundle(written)


def test_an_empty_file_holds_nothing():
    """Which is not wrong."""
    assert ((), ()) == (read_bundle("").services, read_bundle("{}").connections)
