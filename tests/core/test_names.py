"""Names: what people type, made into what code writes."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core import closest, identifier_from, link_name_from
from conn_core._names import (
    LINK_NAME,
    is_link_name,
    looks_like_a_secret,
    readable,
    skeleton,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GitHub", "github"),
        ("Finance Sheet", "finance-sheet"),
        ("Café  Münster", "cafe-munster"),
        ("2nd try_of it", "nd-try_of-it"),
        ("--Sales (EU)--", "sales-eu"),
        ("__init__", "init"),
        ("分析", ""),
        ("42", ""),
        ("", ""),
        ("x" * 80, "x" * 63),
        ("x" * 62 + " y", "x" * 62),
    ],
)
def test_a_link_name_keeps_what_code_can_write(name, expected):
    """Letters stay, all else becomes one dash, and nothing ends in one."""
    assert expected == link_name_from(name)


@given(st.text())
def test_I1_every_link_name_made_from_a_name_is_one(name):
    """Whatever is typed, the result is empty or follows the rule."""
    made = link_name_from(name)
    assert made == "" or LINK_NAME.fullmatch(made)


@pytest.mark.parametrize("text", ["github", "a", "a-b_9", "x" * 63])
def test_I1_link_names(text):
    """A link name begins with a letter and holds a-z, 0-9, dash and underscore."""
    assert is_link_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "9a", "-a", "_a", "A", "a b", "a.b", "ä", "x" * 64, "a\n", "..", "__init__"],
)
def test_I1_other_texts_are_no_link_names(text):
    """Not one character more, and no line break at the end."""
    assert not is_link_name(text)


@pytest.mark.parametrize("text", ["new", "list", "con", "aux", "nul", "prn", "all"])
def test_I10_reserved_words_are_no_link_names(text):
    """Words that verbs and file systems use for themselves."""
    assert not is_link_name(text)


def test_an_identifier_has_no_dashes():
    """The variable that a cell is given."""
    assert "finance_sheet" == identifier_from("finance-sheet")


@given(st.from_regex(LINK_NAME, fullmatch=True))
def test_every_link_name_gives_an_identifier(link_name):
    """Python accepts each of them as a variable."""
    made = identifier_from(link_name)
    assert made.isidentifier()
    assert not keyword.iskeyword(made)


def test_a_keyword_gets_an_underscore():
    """As PEP 8 has it: ``import.get()`` is no Python."""
    assert "import_" == identifier_from("import")


def test_the_closest_name_is_offered():
    """A slip of one letter finds the name."""
    assert "github" == closest("gihub", ["gitlab", "github", "slack"])


def test_nothing_is_offered_where_nothing_is_like_it():
    """A guess that is far off would only confuse."""
    assert closest("zzz", ["github"]) is None
    assert closest("github", []) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("GitHub", "GitHub"),
        ("  Finance \t sheet ", " Finance sheet "),
        ("Cafe\u0301", "Café"),
        ("分析 2026", "分析 2026"),
        ("Отчёты GitHub", "Отчёты GitHub"),
        ("board-report-sheet-2026-q3-final-v2", "board-report-sheet-2026-q3-final-v2"),
        ("ZohoExpense2026ReportsForAll", "ZohoExpense2026ReportsForAll"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_I5_names_in_any_script_are_readable(name, kept):
    """One form, single blanks; what is shown is escaped, so markup is only a text."""
    assert kept == readable(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Git\u200bHub", "invisible"),
        ("GitHub\u202eevil", "invisible"),
        ("G\u0456tHub", "alphabets"),
        ("\u0391cme", "alphabets"),
        ("ghp_0123456789abcdef", "key or a token"),
        ("xoxb-1-2-three", "key or a token"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.x", "key or a token"),
        ("my key a8f3c91b7e6d4f2a9b8c7d6e5f4a3b2c", "key or a token"),
        ("-----BEGIN PRIVATE KEY-----", "key or a token"),
    ],
)
def test_I4_names_that_mislead_are_refused(name, why):
    """Invisible characters, look-alikes, and secrets in the wrong field."""
    with pytest.raises(ValueError, match=why):
        readable(name)


@given(
    st.lists(
        st.sampled_from(["sales", "report", "north", "q3", "2026", "team"]), max_size=6
    )
)
def test_words_are_no_secrets(words):
    """However many of them there are."""
    assert not looks_like_a_secret(" ".join(words))


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB",
        "Git Hub",
        "Git-Hub.",
        "\uff27\uff49\uff54Hub",
        "GltHub",
        "G1tHub",
        "G|tHub",
        "G\u0456\u0422\u041dub",
    ],
    ids=ascii,
)
def test_I2_names_that_look_alike_have_one_skeleton(name):
    """Case, blanks, signs, wide letters, and letters and digits taken for others."""
    assert skeleton("GitHub") == skeleton(name)


@pytest.mark.parametrize("name", ["GitLab", "GitHub Enterprise", "Hub", "分析"])
def test_I2_other_names_have_another(name):
    """What nobody would take for it."""
    assert skeleton("GitHub") != skeleton(name)
