"""Sealed connections: no token leaves the broker, whoever asks for it."""

import dataclasses

import pytest

from conn_core import AccessToken, Connection, ConnectionDraft, Rules
from conn_core.broker import open_core
from conn_core.errors import ConnectionNotFound, NotAllowed

READ = {"methods": ["GET"]}


def wire(token):
    """What the token endpoint answers."""
    return token.to_json() | token.secrets_to_json()


def test_J_sealing_takes_the_token_out_of_the_answer(world, canary):
    """Everything else that a client needs is still told."""
    broker = world.connected()
    before = wire(broker.access_token("expenses"))

    sealed = broker.seal("expenses")

    after = wire(broker.access_token("expenses"))
    assert "sealed" == sealed.exposure == broker.connection("expenses").exposure
    assert before.keys() - after.keys() == {"access_token"}
    assert before["api_hosts"] == after["api_hosts"]
    canary.sweep(texts={"answer": repr(after)})


def test_J3_a_direct_answer_has_the_access_token_and_no_other_secret(world, canary):
    """Neither refresh token, nor client secret, nor the raw answer."""
    answer = wire(world.connected().access_token("expenses"))
    token = answer.pop("access_token")

    assert world.provider.is_alive(token)
    canary.sweep(texts={"rest": repr(answer)})


def test_J_what_a_kernel_reads_of_a_sealed_answer_is_empty(world):
    """Also where a client asks for its token as before."""
    broker = world.connected()
    broker.seal("expenses")

    read = AccessToken.from_json(wire(broker.access_token("expenses")))

    assert ("sealed", "") == (read.exposure, read.access_token.reveal())
    assert read.further_secrets is None


def test_unsealing_lends_the_token_again(world):
    """And both are in the history, once each."""
    broker = world.connected()
    for sealed in (True, True, False, False):
        shown = broker.seal("expenses", sealed=sealed)

    assert "direct" == shown.exposure
    assert "access_token" in wire(broker.access_token("expenses"))
    done = [event.action for event in broker.events("expenses")]
    assert ["unseal", "seal"] == [what for what in done if "seal" in what]


def test_J1_what_others_share_is_sealed_for_everybody_else(world, canary):
    """Its owner is lent the token all the same."""
    priya = world.connected(person="priya")
    sam = world.broker("sam")
    sam.accept("expenses")

    assert "direct" == priya.connection("expenses").exposure
    assert "sealed" == sam.connection("expenses").exposure
    canary.sweep(texts={"answer": repr(wire(sam.access_token("expenses")))})


def test_J1_a_token_is_lent_where_owner_and_operator_agree(world):
    """Each of them alone is not enough."""
    world.settings = dataclasses.replace(world.settings, lend_tokens=True)
    priya = world.connected(person="priya", lend_token=True)
    world.connected("Other", person="priya")
    sam = world.broker("sam")
    sam.accept("expenses")
    sam.accept("other")

    assert "access_token" in wire(sam.access_token("expenses"))
    assert "access_token" not in wire(sam.access_token("other"))
    priya.seal("expenses")
    assert "access_token" not in wire(sam.access_token("expenses"))


def test_J2_sealed_only_is_for_what_was_there_before_too(world):
    """Old notebooks ask as before, and get nothing."""
    world.connected()
    world.close()
    world._open.clear()
    world.settings = dataclasses.replace(world.settings, sealed_only=True)
    broker = world.broker()

    assert "sealed" == broker.connection("expenses").exposure
    assert "access_token" not in wire(broker.access_token("expenses"))
    with pytest.raises(NotAllowed, match="stays sealed: here every connection is"):
        broker.seal("expenses", sealed=False)


def test_H_only_the_owner_unseals(world):
    """An administrator may seal, so that something ends; not lend what is not theirs."""
    world.settings = dataclasses.replace(world.settings, administrators=("ada",))
    world.connected(person="priya")
    ada, sam = world.broker("ada"), world.broker("sam")

    assert "sealed" == ada.seal("priya/expenses").exposure
    for broker in (ada, sam):
        with pytest.raises(NotAllowed, match="priya"):
            broker.seal("priya/expenses", sealed=False)
    assert "sealed" == world.broker("priya").connection("expenses").exposure


def test_H_who_may_only_use_it_does_not_seal_it(world):
    """Nor does who does not even see it."""
    world.connected(person="priya", shared_with=("user:sam",))

    with pytest.raises(NotAllowed):
        world.broker("sam").seal("expenses")
    with pytest.raises(ConnectionNotFound):
        world.broker("kim").seal("expenses")
    assert "direct" == world.broker("priya").connection("expenses").exposure


def test_J_a_connection_is_made_sealed(world):
    """At once: there is no moment with a token."""
    broker = world.connected(exposure="sealed")

    assert "sealed" == broker.connection("expenses").exposure
    assert "access_token" not in wire(broker.access_token("expenses"))


def test_J_a_connection_with_rules_is_sealed_and_stays_so(world):
    """They are shown, and are why it is not unsealed."""
    broker = world.connected(rules=READ)
    shown = broker.connection("expenses")

    assert ("sealed", Rules(methods=("GET",))) == (shown.exposure, shown.rules)
    assert shown == Connection.from_json(shown.to_json())
    with pytest.raises(NotAllowed, match=r"its rules \(only GET\) hold"):
        broker.seal("expenses", sealed=False)


def test_rules_of_paths_are_named_too(world):
    """In the words of a sentence."""
    broker = world.created(rules={"paths": ["/v1", "/v2"]})

    with pytest.raises(NotAllowed, match=r"\(only below /v1, /v2\)"):
        broker.seal("expenses", sealed=False)


def test_what_a_draft_says_is_what_is_stored(world):
    """Direct, and lent to nobody, where it says nothing."""
    broker = world.created()
    broker.create(
        ConnectionDraft(
            service="expenses", name="Other", lend_token=True, exposure="sealed"
        )
    )
    found = world.sql(
        "SELECT exposure, lends_token, rules FROM connections ORDER BY name"
    )

    assert [("direct", 0, None), ("sealed", 1, None)] == found


def test_a_broker_in_this_process_has_no_relay(world):
    """The credential is here: there is no way to go."""
    assert world.connected().relay("expenses") is None


def test_a_test_call_of_a_sealed_connection_works(world):
    """The broker makes it itself, as ever."""
    broker = world.connected(exposure="sealed")

    assert broker.test("expenses").ok


def test_a_core_takes_the_operators_word(world):
    """Two processes on one store may be told differently; each keeps its own."""
    world.connected()
    strict = dataclasses.replace(world.settings, sealed_only=True)
    other = open_core(strict, clock=world.clock, provider=world.provider)
    try:
        assert "sealed" == other.acting_as("sam").connection("expenses").exposure
    finally:
        other.store.close()
    assert "direct" == world.broker().connection("expenses").exposure
