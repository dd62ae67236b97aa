"""Notebooks in real kernels, whose cells print and show what they were lent."""

import json

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from service_process import clean_environment
from streams import merged

from conn_core import ConnectionDraft, Settings, os_user
from conn_core.broker import open_core

pytestmark = pytest.mark.kernel

CATALOGUE = """
[[service]]
id = "herbs"
name = "Herbs"
auth_type = "api_key"
api_base_url = "https://api.herbs.example"
api_hosts = ["api.herbs.example"]

[[service]]
id = "mint"
name = "Mint"
auth_type = "basic"
api_base_url = "https://api.mint.example"
api_hosts = ["api.mint.example"]
"""
#: Without ``%load_ext``: whatever was lent is kept out.
TAKE = "import conn_magics as cm, sys\nkey = cm.get('garden').token().reveal()"
SHOWN = {
    "print": "print('the key is', key)",
    "value": "{'Authorization': f'Bearer {key}', key: [key]}",
    "bytes": "f'Bearer {key}'.encode()",
    "address": "print(f'https://api.herbs.example/?key={key}&page=1')",
    "headers": "dict(cm.get('garden').headers())",
    "pair": (
        "pair = cm.get('bed').headers()['Authorization']\n"
        "import base64\nprint(pair, base64.b64decode(pair[6:]))"
    ),
    "html": "from IPython.display import HTML\nHTML(f'<b>{key}</b>')",
    "display": "display({'application/json': {'deep': [[key]]}}, raw=True)",
    "update": "shown = display('nothing', display_id=True)\nshown.update(key)",
    "error": "raise RuntimeError(f'refused: Bearer {key}')",
    "frames": "def check(value):\n    assert value == 1, value\ncheck(key)",
    "stderr": "print(key, file=sys.stderr)",
    "log": "import logging\nlogging.warning('sent %s', key)",
    # With the stream held, so that no flush falls between the two.
    "pieces": "with sys.stdout._buffer_lock:\n print(key[:9], end='')\n print(key[9:])",
    "shell": "!echo {key}",
    "captured": "%%capture seen\nprint(key)",
    "afterwards": "seen.show()",
    "thread": (
        "import threading\none = threading.Thread(target=print, args=(key,))\n"
        "one.start()\none.join()"
    ),
    "widget": "import ipywidgets\nipywidgets.Textarea(value=key)",
    "names": "%whos",
}
#: What shows it otherwise than in an output of its own.
_NOT_IN_PLACE = {"captured", "widget", "names"}
#: As docs/security.md says; left out of what is searched afterwards.
DISGUISED = {
    "base64": "base64.b64encode(key.encode())",
    "letters": "print(' '.join(key))",
    "coloured": "print(key[:9] + chr(27) + '[31m' + key[9:])",
    "in two flushes": (
        "print(key[:9], end='', flush=True)\ndisplay('between')\nprint(key[9:])"
    ),
    "after unloading": "%load_ext conn_magics\n%unload_ext conn_magics\nprint(key)",
}


@pytest.fixture(scope="module")
def secrets():
    """The markers: a key, and a password."""
    from canary import Canary

    return Canary()


@pytest.fixture(scope="module")
def at_home(tmp_path_factory, secrets):
    """A folder with a store of its own, where two connections are."""
    folder = tmp_path_factory.mktemp("masked")
    (folder / "shops.toml").write_text(CATALOGUE)
    settings = Settings(
        data_dir=folder / "connections",
        runtime_dir=folder / "run",
        user=os_user(),
        use_keyring=False,
        catalog_paths=(folder / "shops.toml",),
    )
    typed = {
        "herbs": ("Garden", {"api_key": secrets("api-key")}),
        "mint": ("Bed", {"username": "priya", "password": secrets("password")}),
    }
    core = open_core(settings)
    broker = core.acting_as(os_user())
    for service, (name, secret) in typed.items():
        broker.create(ConnectionDraft(service=service, name=name, secret=secret))
    core.close()
    return folder


@pytest.fixture(scope="module")
def environment(at_home):
    """What kernels find, to find that store."""
    return clean_environment(
        at_home,
        JUPYTER_RUNTIME_DIR=str(at_home / "run"),
        JUPYTER_CONNECTIONS_DATA_DIR=str(at_home / "connections"),
        JUPYTER_CONNECTIONS_KEYRING="0",
        JUPYTER_CONNECTIONS_CATALOG=str(at_home / "shops.toml"),
    )


@pytest.fixture(scope="module")
def executed(at_home, environment):
    """The notebook as nbclient leaves it, and every cell's outputs by name."""
    cells = {"take": TAKE} | SHOWN | DISGUISED
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells.values()]
    )
    client = NotebookClient(
        book, allow_errors=True, timeout=120, store_widget_state=True
    )
    client.execute(cwd=str(at_home), env=environment)
    return book, dict(zip(cells, [cell.outputs for cell in book.cells], strict=True))


def _printed(outputs, stream="stdout"):
    return "".join(o["text"] for o in outputs if o.get("name") == stream)


def _notes(outputs):
    return _printed(outputs, "stderr").count("Note: [redacted] stands where this cell")


def test_K27_U4_no_output_of_a_notebook_holds_a_live_credential(
    executed, at_home, secrets
):
    """Nor what the kernel has left in its folders; the widgets' state neither."""
    book, outputs = executed
    assert [] == outputs["take"]
    searched = nbformat.from_dict(book)
    searched.cells = searched.cells[: -len(DISGUISED)]
    text = nbformat.writes(searched)
    assert "application/vnd.jupyter.widget-state+json" in text
    assert 5 < secrets.sweep([at_home], {"notebook": text})


@pytest.mark.parametrize("name", [name for name in SHOWN if name not in _NOT_IN_PLACE])
def test_K27_something_else_stands_in_its_place(executed, name):
    """In every way that a cell has of showing something; the person is told once."""
    outputs = merged(executed[1][name])
    shown = [o for o in outputs if "Note: " not in o.get("text", "")]
    told = "".join(o["text"] for o in outputs if "Note: " in o.get("text", ""))
    assert "[redacted]" in json.dumps(shown) + told.partition("needs it\n")[2]
    assert 1 == _notes(outputs)


def test_K27_the_password_of_a_pair_is_found_in_both_forms(executed):
    """As it is sent, and as it was typed; the name is no secret."""
    shown = _printed(executed[1]["pair"])
    assert "Basic [redacted] b'priya:[redacted]'\n" == shown


def test_K28_pieces_that_are_sent_together_are_one(executed):
    """However many writes there were."""
    shown = _printed(executed[1]["pieces"])
    assert "[redacted]\n" == shown


@pytest.mark.parametrize("name", DISGUISED)
def test_K28_what_is_disguised_is_not_found(executed, name):
    """Best effort, as the documentation says: whoever does this means to."""
    outputs = executed[1][name]
    assert outputs
    assert 0 == _notes(outputs)
    assert "[redacted]" not in json.dumps(outputs)


def test_K17_the_list_of_names_holds_nothing_of_ours(executed):
    """What keeps credentials out is no variable of the person's."""
    shown = _printed(executed[1]["names"])
    known = {"base64", "cm", "key", "pair", "seen", "shown", "check", "one"}
    lines = shown.splitlines()[2:]
    assert known <= {line.split()[0] for line in lines if line.strip()}
    assert not [line for line in lines if "conn_magics._" in line]


def test_K27_what_a_kernel_answers_beside_outputs_holds_none(environment, secrets):
    """The tooltip of a variable, and a debugger's or a console's look at the past."""
    manager, client = start_new_kernel(env=environment)
    try:
        for code in ("%load_ext conn_magics", TAKE):
            reply = client.execute_interactive(code, timeout=120)
            assert "ok" == reply["content"]["status"], reply["content"]
        told = client.inspect("key", reply=True, timeout=120)["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    assert "[redacted]" in told["data"]["text/plain"]
    secrets.sweep(texts={"tooltip": json.dumps(told)})
