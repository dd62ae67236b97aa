"""What ``%conn`` does, verb by verb."""

import json
from datetime import timedelta

import pytest
from coffee_house import coffee

from conn_core import Event
from conn_core.errors import (
    ConnectionNotFound,
    ConnectionRevoked,
    InvalidInput,
    NameTaken,
    ServiceNotFound,
)
from conn_magics._usage import UsageError
from conn_magics._verb import verbs_at
from conn_magics._verbs import VERBS

VERBS_NOW = {
    "list",
    "show",
    "status",
    "services",
    "new",
    "authorize",
    "test",
    "refresh",
    "revoke",
    "seal",
    "unseal",
    "share",
    "transfer",
    "grant",
    "exec",
    "export",
    "import",
    "doctor",
    "enable",
    "accept",
    "delete",
    "edit",
    "env",
    "ui",
    "snippet",
    "log",
    "service",
    "check",
    "schedule",
    "functions",
    "run",
    "button",
}


def test_the_table_has_the_verbs_of_this_version():
    """Nothing is offered that does not exist, nothing is missing."""
    assert VERBS_NOW == VERBS.keys()


def test_bare_conn_says_how_things_stand(conn, broker):
    """Three lines, then the verbs."""
    broker.has("team-slack", status="failed", status_reason="Slack ended it.")
    lines = repr(conn()).splitlines()
    assert [
        "2 connections, 1 ready to use",
        "'team-slack' is failed: %conn authorize team-slack",
        (
            "Credentials come from the store "
            "/home/priya/.local/share/jupyter/connections/connections.db, as priya"
        ),
        "",
    ] == lines[:4]
    here = verbs_at("magic")
    assert all(any(f"%conn {verb} " in line for line in lines) for verb in here)


def test_bare_conn_without_connections_says_how_to_begin(conn, broker):
    """The second line is the next step."""
    broker.found.clear()
    assert "Make one: %conn new" == repr(conn()).splitlines()[1]
    assert {"connections": 0, "ready": 0}.items() <= conn("--json").items()


def test_list_shows_a_table(conn, broker, fakes):
    """Name, service, status, whose, account, scopes, expiry, last use."""
    broker.has(
        "finance-sheet",
        expires_at=fakes.NOW + timedelta(days=5),
        last_used_at=fakes.NOW - timedelta(hours=2),
    )
    shown = repr(conn("list finance"))
    assert shown.splitlines()[0].split()[:3] == ["NAME", "SERVICE", "STATUS"]
    for word in (
        "finance-sheet",
        "Coffee House",
        "connected",
        "priya-n",
        "in 5 days",
        "2 hours ago",
    ):
        assert word in shown
    assert "beans " not in shown


def test_list_is_a_list(conn, broker):
    """``t = %conn list`` can be counted and walked through."""
    broker.has("acme-crm", status="revoked")
    found = conn("list")
    assert ["beans", "acme-crm"] == [each.link_name for each in found]
    assert "revoked" == found[1].status
    assert 2 == len(found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("list --my", ["beans"]),
        ("list --org", ["shared"]),
        ("list --internal", ["tasks"]),
        ("list --status revoked", ["tasks"]),
        ('list --status "needs authorization"', ["shared"]),
        ("list --service coffee", ["beans", "shared", "tasks"]),
        ("list --service tea", []),
        ("list BEA", ["beans"]),
        ("list BEA;", ["beans"]),
    ],
)
def test_list_filters(conn, broker, line, expected):
    """By group, service, status and part of a name."""
    broker.has("shared", group="organisation", status="needs authorization")
    broker.has("tasks", group="internal", status="revoked")
    assert expected == [each.link_name for each in conn(line)]


def test_an_empty_list_says_the_next_step(conn, broker):
    """Nothing at all, and nothing like it, are different."""
    assert "No connection is like that. See %conn list" == repr(conn("list xyz"))
    broker.found.clear()
    assert "There are no connections yet. Run %conn new" == repr(conn("list"))


# ``env`` asks the resolver: it is tested with a real store.
@pytest.mark.parametrize(
    "verb", [name for name, verb in VERBS.items() if verb.reading and name != "env"]
)
def test_reading_verbs_answer_in_json(conn, broker, verb):
    """``--json`` gives a dictionary that prints as JSON."""
    takes_name = VERBS[verb].takes_one_name or verb == "check"
    answer = conn(f"{verb} {'beans ' if takes_name else ''}--json")
    assert answer == json.loads(repr(answer))
    if verb in {"list", "status", "services", "log"}:
        assert {"items", "next_cursor", "total"} == answer.keys()


def test_show_gives_facts_code_and_history(conn, broker, fakes):
    """The details page in words."""
    broker.history["beans"] = [
        Event(
            at=fakes.NOW, actor="sam", action="refresh", result="failed", detail="503"
        )
    ]
    shown = repr(conn("show beans"))
    for words in (
        "Beans (beans)",
        "Coffee House, predefined",
        "priya (you), account priya-n",
        "direct: a short-lived token reaches the notebook",
        '  %%connection beans\n  beans.get("/me").json()',
        "sam",
        "refresh (failed): 503",
    ):
        assert words in shown


def test_show_says_what_was_not_granted(conn, broker):
    """Scopes asked for and scopes granted may differ."""
    broker.has("beans", scopes=("beans.read", "beans.write"))
    facts = dict(
        line.strip().split("  ", 1)
        for line in repr(conn("show beans")).splitlines()
        if "  " in line.strip()
    )
    assert "beans.read, beans.write" == facts["Scopes"].strip()
    assert "beans.read" == facts["Granted"].strip()


def test_several_words_are_a_display_name(conn, broker):
    """Names with blanks need no quotation marks, and may have them."""
    broker.has("finance-sheet", name="Finance sheet")
    for line in ("show Finance sheet --json", 'show "Finance sheet" --json'):
        assert "finance-sheet" == conn(line)["link_name"]


def test_status_says_the_next_command(conn, broker):
    """One line each; the reason where there is one."""
    broker.has(
        "acme-crm", status="revoked", status_reason="Revoked by priya on 2026-11-20."
    )
    lines = repr(conn("status acme-crm")).splitlines()
    assert "%conn enable acme-crm" in lines[1]
    assert "Revoked by priya" in lines[1]
    assert "connected" in repr(conn("status beans"))


def test_status_never_asks_for_a_token(conn, broker):
    """It does not touch the network."""
    conn("status")
    assert "access_token" not in broker.asked


def test_services_are_searched(conn):
    """By name, kind and category."""
    assert ["coffee"] == [service.id for service in conn("services coffee house")]
    assert ["coffee"] == [
        service.id for service in conn("services --predefined --category Food")
    ]
    assert [] == list(conn("services --custom"))
    assert "No service is like that. See %conn services" == repr(conn("services tea"))


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("httpx", '%%connection beans\nbeans.get("/me").json()'),
        (
            "async",
            '%%connection beans --client async\n(await beans.get("/me")).json()',
        ),
        (
            "python",
            'import conn_magics as cm\n\nbeans = cm.connect("beans")\nbeans.get("/me").json()',
        ),
    ],
)
def test_snippets_are_code(conn, library, expected):
    """Code to copy, and it is what the contract says."""
    assert expected == repr(conn(f"snippet beans --for {library}"))


def test_I12_a_hostile_address_stays_a_string(conn, broker, fakes):
    """Whatever a custom service says, the snippet holds one literal."""
    import ast

    evil = "/me'); __import__('os').system('x') #"
    broker._services["coffee"] = coffee().model_copy(update={"test_path": evil})
    code = conn("snippet beans --for python --json")["snippet"]
    call = ast.parse(code).body[-1].value.func.value
    assert evil == ast.literal_eval(call.args[0])


def test_test_says_who_and_how_fast(conn):
    """One harmless call."""
    assert "Coffee House answered as priya-n in 42 ms" == repr(conn("test beans"))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("new tea --no-authorize", ServiceNotFound),
        ("new coffee --name Beans --no-authorize", NameTaken),
        ('new coffee --name "a\u202eb" --no-authorize', InvalidInput),
        ("show gihub", ConnectionNotFound),
        ("authorize gihub", ConnectionNotFound),
        ("edit gihub --name x", ConnectionNotFound),
    ],
)
def test_errors_are_the_brokers_own(conn, line, error):
    """The verbs add nothing and hide nothing."""
    with pytest.raises(error):
        conn(line)


def test_ui_without_widgets_is_the_list(terminal):
    """The text twin."""
    assert repr(terminal("list")) == repr(terminal("ui"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lst", "There is no %conn lst. Did you mean %conn list? See %conn?"),
        ("xyzzy", "There is no %conn xyzzy. See %conn?"),
        (
            "list --statsu x",
            "%conn list has no option --statsu. Did you mean --status?",
        ),
        ("list a b", "'b' is one word too many. Write: %conn list"),
        (
            "list --status connectd",
            "--status takes one of connected, needs authorization, revoked, suspended, failed",
        ),
        ("show", "The following arguments are required: NAME. Write: %conn show"),
        ("log beans -n x", "-n takes a whole number"),
        ('show "beans', "A quotation mark is opened and not closed"),
        ("new coffee --param x", "--param takes name=value"),
    ],
)
def test_mistyped_lines_are_explained(conn, line, said):
    """One line that says what to write."""
    with pytest.raises(UsageError) as caught:
        conn(line)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_is_made_from_the_parsers(conn):
    """Every verb and every option stands in it."""
    text = str(conn("--help"))
    for name, verb in verbs_at("magic").items():
        assert f"%conn {name}" in text
        for argument in verb.arguments_at("magic"):
            assert all(flag in text for flag in argument.flags if flag.startswith("-"))
    assert "--status" in str(conn("list --help"))


def test_a_refused_test_is_shown_as_revoked(conn, broker):
    """``test`` of a revoked connection is the error, not a result."""
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        conn("test beans")


def test_bare_conn_names_the_first_thing_to_do(conn, broker):
    """All well; one to authorize; more than one."""
    assert "Nothing needs you" == repr(conn()).splitlines()[1]
    broker.has("new-one", status="needs authorization")
    assert (
        "'new-one' is not authorized: %conn authorize new-one"
        == (repr(conn()).splitlines()[1])
    )
    broker.has("acme-crm", status="revoked")
    assert repr(conn()).splitlines()[1].endswith(", and 1 more: %conn status")


def test_each_persons_own_credentials_are_named_so(conn, broker):
    """Whose credentials a connection uses is never in doubt."""
    broker.has("hr-system", use_login_user_credentials=True)
    broker.has("shared", owner="sam", account=None)
    assert "each person's own, account priya-n" in repr(conn("show hr-system"))
    (shared,) = [
        line for line in repr(conn("show shared")).splitlines() if "Whose" in line
    ]
    assert "sam" == shared.split("credentials")[1].strip()


def test_status_without_connections_says_the_next_step(conn, broker):
    """As ``list`` does."""
    broker.found.clear()
    assert "There are no connections yet. Run %conn new" == repr(conn("status"))


def test_help_prints_without_quotation_marks(conn):
    """It is a text to read."""
    assert repr(conn("help")).startswith("Connections to third-party services.")


def test_display_and_input_are_those_of_the_shell(attended, capsys):
    """Without a test's desk, what is shown goes to IPython's display."""
    attended.run_cell("%conn authorize beans").raise_error()
    assert "http://127.0.0.1:8888/connections/start/flow1" in capsys.readouterr().out
