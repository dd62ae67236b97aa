"""``%conn seal`` and ``unseal``, and what shows that a connection is sealed."""

import pytest

import conn_magics as cm
from conn_core import READ_ONLY, Rules
from conn_core.errors import NotAllowed
from conn_magics._text import Manner, as_text

WIDE = Manner(width=1000)


def test_seal_says_where_the_token_stays(conn, broker):
    """And that what was lent before lasts until it expires."""
    said = repr(conn("seal beans"))

    assert "'beans' is sealed: its token stays with the broker" in said
    assert "until it expires" in said
    assert "sealed" == broker.found["beans"].exposure


def test_unseal_undoes_it(conn, broker):
    """One's own kernels are lent it again."""
    conn("seal beans")

    assert "'beans' is not sealed" in repr(conn("unseal beans"))
    assert "direct" == broker.found["beans"].exposure


def test_only_the_owner_unseals(conn, broker):
    """The broker's own words."""
    broker.has("hr", group="organisation", owner="sam")

    with pytest.raises(NotAllowed, match="only sam can unseal it"):
        conn("unseal hr")


def test_the_same_in_python(broker):
    """``cm.seal`` and ``cm.unseal`` return the connection."""
    assert "sealed" == cm.seal("beans").facts.exposure
    assert "direct" == cm.unseal("beans").facts.exposure


def test_new_makes_a_sealed_one(conn, broker):
    """``--sealed`` describes it well enough: there is no form."""
    conn("new coffee --name Kept --sealed --no-authorize")

    assert "sealed" == broker.found["kept"].exposure
    assert Rules() == broker.found["kept"].rules


def test_new_makes_a_read_only_one(conn, broker):
    """Three methods; it is sealed then."""
    conn("new coffee --name Reader --read-only --no-authorize")

    assert Rules(methods=READ_ONLY) == broker.found["reader"].rules
    assert "sealed" == broker.found["reader"].exposure


def test_create_takes_rules_and_lends(broker):
    """In Python there are paths, too."""
    cm.create("coffee", name="Ruled", rules={"paths": ["/v1"]})
    cm.create("coffee", name="Kept", sealed=True, lend_token=True)
    cm.create("coffee", name="Usual")

    assert Rules(paths=("/v1",)) == broker.found["ruled"].rules
    assert ["sealed", "sealed", "direct"] == [
        broker.found[name].exposure for name in ("ruled", "kept", "usual")
    ]


def test_a_list_and_a_page_say_sealed(conn, broker):
    """In a word, and in a sentence."""
    broker.has("beans", exposure="sealed", rules=Rules(methods=("GET",)))

    assert "sealed" in as_text(conn("list beans").blocks, WIDE)
    page = as_text(conn("show beans").blocks, WIDE)
    assert "sealed: the token stays with the broker" in page
    assert "only GET" in page
    broker.has("beans", exposure="direct")
    assert "sealed" not in as_text(conn("list beans").blocks, WIDE)
    assert "only GET" not in as_text(conn("show beans").blocks, WIDE)


def test_override_answers_itself_also_for_a_sealed_one(broker, canary):
    """A unit test sends no request through a server."""
    broker.has("beans", exposure="sealed")

    with cm.override("beans", token=canary("made-up"), base_url="http://127.0.0.1:9"):
        assert cm.get("beans").token()
        from conn_magics._holder import HOLDER

        assert HOLDER.broker.relay("beans") is None
        assert HOLDER.broker.relay("other") is None
