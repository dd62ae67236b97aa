"""Rules of a connection: what is typed, what is kept, what is allowed."""

import pytest

from conn_core import READ_ONLY, ConnectionDraft, Rules, read_draft
from conn_core.errors import InvalidInput


def draft(**rest):
    return read_draft(ConnectionDraft, {"service": "expenses", **rest})


def test_rules_are_kept_as_they_were_meant():
    """Methods in capitals, each once."""
    rules = draft(
        rules={"methods": ["get", "GET", "head"], "paths": ["/v1"]}
    ).given_rules

    assert Rules(methods=("GET", "HEAD"), paths=("/v1",)) == rules
    assert rules == Rules.load(rules.dump())


def test_no_rules_are_kept_as_none():
    """Any request is allowed then."""
    assert Rules() == draft().given_rules == draft(rules={}).given_rules
    assert Rules().dump() is None
    assert Rules() == Rules.load(None)
    assert not Rules()
    assert Rules().allow("DELETE", "/anything")


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"methods": ["TRACE"]}, "rules.methods"),
        ({"methods": ["connect"]}, "rules.methods"),
        ({"methods": ["GET POST"]}, "rules.methods.0"),
        ({"methods": ["GET"] * 21}, "rules.methods"),
        ({"paths": ["v1"]}, "rules.paths.0"),
        ({"paths": ["/v1?x=1"]}, "rules.paths.0"),
        ({"paths": ["/v1#x"]}, "rules.paths.0"),
        ({"verbs": ["GET"]}, "rules.verbs"),
    ],
)
def test_rules_that_are_none_are_told_beside_their_field(rules, field):
    """Nothing is stored that would not hold."""
    with pytest.raises(InvalidInput) as caught:
        draft(rules=rules)

    assert [field] == list(caught.value.fields)


def test_rules_and_direct_exposure_do_not_go_together():
    """Whoever has the token sends what they like."""
    with pytest.raises(InvalidInput) as caught:
        draft(rules={"methods": ["GET"]}, exposure="direct")

    told = "needs a sealed connection: the broker holds requests to them"
    assert {"rules": told} == caught.value.fields


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_J_read_only_lets_no_change_through(method):
    """Only what changes nothing."""
    rules = Rules(methods=READ_ONLY)

    assert not rules.allow(method, "/v1")
    assert all(rules.allow(name, "/v1") for name in ("GET", "get", "HEAD", "OPTIONS"))


@pytest.mark.parametrize(
    ("rule", "allowed", "refused"),
    [
        ("/v1", ["/v1", "/v1/", "/v1/a/b"], ["/v10", "/v", "/", "/a/v1"]),
        ("/v1/", ["/v1", "/v1/a"], ["/v10"]),
        ("/", ["/", "/a"], []),
        ("/repos/*/issues", ["/repos/a/issues", "/repos/a/issues/7"], ["/repos/a"]),
        ("/a[b]", ["/a[b]", "/a[b]/c"], ["/ab"]),
    ],
)
def test_J_a_path_is_allowed_with_what_is_below_it(rule, allowed, refused):
    """Whole segments; a star stands for anything."""
    rules = Rules(paths=(rule,))

    assert all(rules.allow("GET", path) for path in allowed)
    assert not any(rules.allow("GET", path) for path in refused)
