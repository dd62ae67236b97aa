"""TAB, through IPython's own completer."""

import pytest
from IPython.core.completer import provisionalcompleter

from conn_core import ScheduleDraft
from conn_core.errors import BrokerUnavailable
from conn_magics._holder import HOLDER, Holder


@pytest.fixture
def tab(shell, broker):
    """Returns what the text before the cursor may become: ``tab("%conn li")``."""
    broker.has("finance-sheet")
    broker.has("github")
    own = broker.service("coffee").model_copy(
        update={"id": "own", "name": "Own", "predefined": False}
    )
    broker._services["own"] = own

    def complete(text):
        with provisionalcompleter():
            found = list(shell.Completer.completions(text, len(text)))
        return [text[: c.start] + c.text + text[c.end :] for c in found]

    return complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%conn li", ["%conn list"]),
        ("%conn re", ["%conn refresh", "%conn revoke"]),
        ("t = %conn li", ["t = %conn list"]),
        ("x = 1\n%conn sho", ["x = 1\n%conn show"]),
        ("%conn show fin", ["%conn show finance-sheet"]),
        ("%conn show finance-s", ["%conn show finance-sheet"]),
        (
            "%conn show ",
            ["%conn show beans", "%conn show finance-sheet", "%conn show github"],
        ),
        ("%conn status beans g", ["%conn status beans github"]),
        ("%conn list --st", ["%conn list --status"]),
        ("%conn list --my --m", ["%conn list --my --m"]),
        ("%conn list --status rev", ["%conn list --status revoked"]),
        ("%conn list --service co", ["%conn list --service coffee"]),
        ("%conn new co", ["%conn new coffee"]),
        ("%conn snippet beans --for as", ["%conn snippet beans --for async"]),
        ("%conn revoke beans --y", ["%conn revoke beans --yes"]),
        ("%conn xyzzy a", ["%conn xyzzy a"]),
        ("%conn service ex", ["%conn service export"]),
        ("%conn service show co", ["%conn service show coffee"]),
        ("%conn service edit ow", ["%conn service edit own"]),
        ("%conn service edit co", ["%conn service edit co"]),
        ("%conn service new --auth-type ap", ["%conn service new --auth-type api_key"]),
        ("%conn service new --bas", ["%conn service new --base-url"]),
        ("%conn service xyzzy a", ["%conn service xyzzy a"]),
        ("%conn authorize beans --op", ["%conn authorize beans --op"]),
        ("%%connection fi", ["%%connection finance-sheet"]),
        ("%%connection beans ", ["%%connection beans as"]),
        ("%%connection beans as x, g", ["%%connection beans as x, github"]),
        ("%%connection beans,g", ["%%connection beans,github"]),
        ("%%connection beans --cl", ["%%connection beans --client"]),
        ("%%connection beans --client as", ["%%connection beans --client async"]),
        ("%%connection beans --client gs", ["%%connection beans --client gspread"]),
        ("%%connection beans --require x", ["%%connection beans --require x"]),
        ("%%connection beans --require ", ["%%connection beans --require "]),
        ("%%connection beans --quiet --t", ["%%connection beans --quiet --timeout"]),
    ],
)
def test_tab(tab, text, expected):
    """Verbs, options, names, ids; and none of Python's words between them."""
    assert expected == tab(text)


@pytest.mark.parametrize(
    "text", ["impor", "x = Fals", "%connx", "%%connection beans\nimpor"]
)
def test_other_lines_complete_as_ever(tab, text):
    """The body of a cell and all other code are IPython's."""
    found = tab(text)
    assert "finance-sheet" not in str(found)
    if text != "%connx":
        assert found


def test_names_are_asked_for_at_most_every_two_seconds(broker):
    """A TAB is not a request each time."""
    now = [100.0]
    holder = Holder(clock=lambda: now[0])
    with holder.using(broker):
        broker.asked.clear()
        assert ("beans",) == holder.connection_names()
        broker.has("new-one")
        now[0] += 1.9
        assert ("beans",) == holder.connection_names()
        now[0] += 0.2
        assert ("beans", "new-one") == holder.connection_names()
        assert ["connections", "connections"] == broker.asked


def test_a_broker_that_fails_makes_no_noise(tab, broker, monkeypatch, capsys):
    """No exception, no output, no second question at once."""
    asked = []

    def fails(*_arguments, **_options):
        asked.append(1)
        raise BrokerUnavailable("The server is gone")

    monkeypatch.setattr(broker, "connections", fails)
    HOLDER._lists.clear()
    assert ["%conn show fi"] == tab("%conn show fi")
    assert ["%%connection fi"] == tab("%%connection fi")
    assert [1] == asked
    assert ("", "") == capsys.readouterr()


def test_schedules_and_notebooks_are_offered(tab, broker, tmp_path, monkeypatch):
    """A notebook of this folder or an action first, then a schedule's name."""
    (tmp_path / "report.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    broker.schedule(ScheduleDraft(notebook="nightly.ipynb", cron="0 6 * * *"))
    assert ["%conn schedule report.ipynb", "%conn schedule resume"] == sorted(
        tab("%conn schedule re")
    )
    assert ["%conn schedule pause nightly"] == tab("%conn schedule pause ni")
    assert ["%conn schedule report.ipynb --cron"] == tab(
        "%conn schedule report.ipynb --cr"
    )
    assert ["%conn schedule --cron"] == tab("%conn schedule --cr")
