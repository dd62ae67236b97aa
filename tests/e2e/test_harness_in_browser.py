"""The driver of the stories does what it says, in both applications."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("kind", "base_url"), [("lab", "/"), ("notebook", "/"), ("lab", "/user/alice/")]
)
def test_a_cell_runs(start_jupyter, open_notebook, kind, base_url):
    """The page's own kernel runs what the page shows, again after a restart."""
    server = start_jupyter(kind=kind, base_url=base_url)
    server.write_notebook("a.ipynb", "x = 20", "x + 22")
    notebook = open_notebook(server, "a.ipynb")

    notebook.run(0)
    assert "42" == notebook.run(1)
    notebook.shoot("ran")
    notebook.type_cell(1, "{'a': [x]}")
    assert "{'a': [20]}" == notebook.run(1)
    notebook.save()

    notebook.restart_kernel()
    assert "NameError" in notebook.run(1)
