"""In a notebook, verbs that need a person show a form."""

import pytest


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ui", "beans"),
        ("new", "Pick your service"),
        ("new coffee", "Connect to Coffee House"),
        ("authorize beans", "http://127.0.0.1:8888/connections/start/flow1"),
        ("edit beans", "Beans"),
    ],
)
def test_a_form_is_shown_with_its_text_twin(notebook, line, words):
    """A widget, and text for front ends that show none."""
    assert notebook(line) is None
    (form,) = notebook.shown
    bundle = form._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert words in bundle["text/plain"]


def test_service_and_name_create_at_once(notebook, broker):
    """Then only the link to open is shown, as a form that follows it."""
    assert notebook('new coffee --name "My beans"') is None
    assert "my-beans" in broker.found
    assert "start/flow1" in repr(notebook.shown[0])


def test_no_widget_means_text(notebook, broker):
    """``--no-widget`` with a service creates; alone it lists what there is."""
    shown = notebook("new coffee --no-widget --no-authorize")
    assert "'coffee-house' is created\nRun %conn authorize coffee-house" == repr(shown)
    assert "Write %conn new SERVICE" in repr(notebook("new --no-widget"))
    assert [] == notebook.shown


def test_waiting_shows_text_not_a_form(notebook):
    """Widgets do nothing while a cell runs: the link is plain, progress is text."""
    notebook("authorize beans --wait")
    (link,) = notebook.shown
    assert 'target="_blank"' in link._repr_html_()
