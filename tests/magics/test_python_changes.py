"""``cm`` changes connections, or stands in for one."""

import pickle

import pytest
from coffee_house import api_running

import conn_magics as cm
from conn_core import AuditLine
from conn_core.errors import (
    ConnectionNotFound,
    ConnectionRevoked,
    HostNotAllowed,
    InteractionRequired,
    InvalidInput,
    VersionConflict,
)


def test_create_edit_revoke_enable_delete(broker):
    """The verbs as functions; they ask nothing."""
    made = cm.create(
        "coffee",
        name="GH bot",
        scopes=["beans.write"],
        use_login_user=True,
        shared_with=["user:sam"],
        parameters={"shop": "acme"},
    )
    assert ("gh-bot", "needs authorization") == (made.link_name, made.status)
    assert {"shop": "acme"} == made.facts.parameters
    assert ("user:sam",) == made.facts.shared_with
    assert "Bot" == cm.edit("gh-bot", new_name="Bot").name
    assert "revoked" == cm.revoke("gh-bot").status
    assert "needs authorization" == cm.enable("gh-bot").status
    assert "Coffee House ended the authorization." == cm.delete("gh-bot").notice
    assert "gh-bot" not in broker.found


@pytest.mark.parametrize(("keep", "notice"), [(True, ""), (False, "ended")])
def test_delete_may_leave_the_grant(broker, keep, notice):
    """What the service answered is in what comes back."""
    assert notice in cm.delete("beans", keep_grant=keep).notice


def test_revoke_may_end_the_grant_too(broker):
    """And then enabling needs an authorization."""
    revoked = cm.revoke("beans", at_provider=True)
    assert "Coffee House ended the authorization." == revoked.facts.notice
    assert "needs authorization" == cm.enable("beans").status


def test_an_edit_does_not_overwrite_another_ones(broker, monkeypatch):
    """It says so when somebody was faster."""
    real = broker.connection

    def somebody_is_faster(name):
        read = real(name)
        broker.has("beans", version=read.version + 1)
        return read

    monkeypatch.setattr(broker, "connection", somebody_is_faster)
    with pytest.raises(VersionConflict):
        cm.edit("beans", new_name="Best beans")


def test_code_history_and_a_new_token(broker, fakes):
    """What the page of a connection has besides facts."""
    line = AuditLine(
        seq=1, at=fakes.NOW, actor="sam", action="refresh", connection="beans"
    )
    broker.audit_lines = (line,)
    assert [line] == list(cm.log("beans"))
    assert [line] == list(cm.log())
    assert "connected" == cm.refresh("beans").status
    assert 'beans.get("/me")' in cm.snippet("beans", library="python")


def test_another_ones_connection_has_its_owner_in_its_name(broker):
    """Somebody else's may be called like one's own."""
    broker.has("beans", group="organisation", owner="sam", key="sam/beans")
    broker.has("beans")
    theirs, mine = cm.get("sam/beans"), cm.get("beans")
    assert ("beans", "sam") == (theirs.link_name, theirs.facts.owner)
    assert ("beans", "priya") == (mine.link_name, mine.facts.owner)
    assert theirs != mine
    assert theirs == pickle.loads(pickle.dumps(theirs))


def test_create_says_what_is_wrong_with_each_field():
    """Nothing is stored."""
    with pytest.raises(InvalidInput) as caught:
        cm.create("", name="x")
    assert "service" in caught.value.fields


@pytest.mark.usefixtures("broker")
def test_test_is_one_harmless_call():
    """The result is a value."""
    assert cm.test("beans").ok


def test_without_a_user_a_person_is_asked_for(broker):
    """The text of the contract, in ``connect``, ``token`` and ``authorize``."""
    broker.has("team-slack", status="needs authorization")
    for use in (
        lambda: cm.connect("team-slack"),
        lambda: cm.get("team-slack").token(),
        lambda: cm.test("team-slack"),
        lambda: cm.authorize("team-slack"),
    ):
        with pytest.raises(InteractionRequired) as caught:
            use()
        assert (
            "This notebook runs without a user, and 'team-slack' needs someone to "
            "authorize it. Open a notebook and run %conn authorize team-slack, then "
            "run the job again"
        ) == str(caught.value)


def test_without_a_user_other_reasons_stay_in_the_sentence(broker):
    """A missing scope is mended differently."""
    with pytest.raises(InteractionRequired) as caught:
        cm.connect("beans", require=["beans.write"])
    assert (
        "This notebook runs without a user, and needs one: 'beans' lacks the scope "
        "'beans.write' (it has: beans.read). Open a notebook and run %conn edit beans "
        "--add-scope beans.write, then run the job again"
    ) == str(caught.value)


def test_what_no_person_can_mend_is_not_changed(broker):
    """A revocation stays a revocation."""
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        cm.connect("beans")


def test_override_answers_for_one_connection(broker, fakes, canary):
    """For users' unit tests: no store, no provider, a token of their own."""
    test_token = canary("test-token")
    with api_running(test_token) as address:
        with cm.override("github", token=test_token, base_url=address):
            assert "priya-n" == cm.connect("github").get("/me").json()["as"]
            assert "connected" == cm.get("github").status
            assert "connected" == cm.get("beans").status
            with cm.override("other", token=test_token, base_url=address):
                assert "priya-n" == cm.connect("github").get("/me").json()["as"]
                assert "priya-n" == cm.connect("other").get("/me").json()["as"]
            cm.connect("github").close()
        with pytest.raises(ConnectionNotFound):
            cm.connect("github")


@pytest.mark.parametrize("name", ["beans", "coffee"])
def test_override_knows_where_a_connection_goes(broker, name, canary, api):
    """From the connection, or from the service of the same name."""
    with cm.override(name, token=canary("test-token")):
        client = cm.connect(name)
        assert api == str(client.base_url).rstrip("/")
        assert 401 == client.get("/me").status_code
        client.close()


def test_override_without_an_address_refuses_everything(broker, canary):
    """Unknown here: the token goes nowhere."""
    with cm.override("nowhere", token=canary("test-token")):
        client = cm.connect("nowhere")
        with pytest.raises(HostNotAllowed):
            client.get("https://example.org/")
        client.close()
