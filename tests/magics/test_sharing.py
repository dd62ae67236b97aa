"""Who may use a connection, and whose it is, from a notebook."""

import pytest

import conn_magics as cm
from conn_core.errors import ConnectionNotFound, InteractionRequired, InternalConnection
from conn_magics._usage import UsageError


@pytest.mark.parametrize(
    ("whom", "kept", "said"),
    [
        ("grace,group:finance", ("user:grace", "group:finance"), "the group finance"),
        (
            '"group:Data team,sam"',
            ("group:Data team", "user:sam"),
            "the group Data team",
        ),
        ("'group:\"Sales, EMEA\"'", ("group:Sales, EMEA",), "the group Sales, EMEA"),
        ("nobody", (), "'beans' can be used by you"),
        ("everybody", ("*",), "'beans' can be used by everybody here"),
    ],
)
def test_share_says_who_may_use_it_now(terminal, broker, whom, kept, said):
    """People and groups with commas, everybody, or nobody else."""
    shown = repr(terminal(f"share beans --with {whom}"))
    assert kept == broker.connection("beans").shared_with
    assert said in shown


def test_H16_sharing_with_everybody_says_how_far_that_goes(terminal):
    """What the broker told is read."""
    shown = repr(terminal("share beans --with everybody"))
    assert "Everybody here may send requests in the name of priya." in shown


@pytest.mark.parametrize("line", ["share beans", 'share beans --with ","'])
def test_share_wants_to_know_with_whom(terminal, broker, line):
    """An empty list is a slip, and *nobody* is a word."""
    before = broker.connection("beans").shared_with
    with pytest.raises(UsageError):
        terminal(line)
    assert before == broker.connection("beans").shared_with


def test_new_takes_groups_and_lists(terminal, broker):
    """As ``share`` does."""
    terminal("new coffee --name Ours --no-authorize --share sam,group:finance")
    assert ("user:sam", "group:finance") == broker.found["ours"].shared_with


def test_transfer_asks_first_and_says_what_ends(terminal, broker):
    """No changes nothing."""
    shown = repr(terminal("transfer beans --to grace", answers=["n"]))
    assert "Nothing was changed" in shown
    assert "Give 'beans' to grace?" in terminal.asked[0]
    assert "The authorization at Coffee House ends" in terminal.asked[0]
    assert "priya" == broker.connection("beans").owner

    shown = repr(terminal("transfer beans --to grace", answers=["y"]))
    assert "'beans' belongs to grace now" in shown
    assert "Coffee House ended the authorization." in shown
    assert "grace authorizes it next: %conn authorize beans" in shown
    assert "grace" == broker.connection("beans").owner


def test_transfer_says_where_everybody_keeps_their_own(terminal, broker):
    """Nothing ends then."""
    broker.has("each", use_login_user_credentials=True)
    terminal("transfer each --to grace", answers=["n"])
    assert "Each person keeps their own authorization." in terminal.asked[0]


def test_a_job_hands_nothing_on_unless_it_says_so(conn, broker):
    """``-y`` is the word."""
    with pytest.raises(InteractionRequired, match="asks first"):
        conn("transfer beans --to grace")
    conn("transfer beans --to grace -y")
    assert "grace" == broker.connection("beans").owner


def test_what_a_task_made_is_neither_shared_nor_handed_on(terminal, broker):
    """And says why."""
    broker.internal_connection("coffee")
    for line in (
        "share coffee-tasks --with everybody",
        "transfer coffee-tasks --to grace -y",
    ):
        with pytest.raises(InternalConnection):
            terminal(line)


def test_the_list_of_all_names_the_owners(terminal, broker):
    """It asks for what only administrators are answered."""
    broker.has("crm", owner="sam", group="all")
    shown = repr(terminal("list --everybody"))
    assert "sam" in shown


def test_python_does_the_same(broker, conn):
    """``cm.share`` and ``cm.transfer`` ask nothing."""
    shared = cm.share("beans", ["user:grace"])
    assert ("user:grace",) == shared.facts.shared_with
    assert "grace" == cm.transfer("beans", "grace").owner
    with pytest.raises(ConnectionNotFound):
        cm.share("nothing", [])
    made = cm.create("coffee", name="Usual")
    assert ("*",) == made.facts.shared_with
