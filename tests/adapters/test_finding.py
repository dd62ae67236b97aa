"""Adapters are found by name, and others can add theirs."""

import pickle
import sys

import pytest

import conn_magics as cm
from conn_core.errors import (
    ConnectionRevoked,
    HostNotAllowed,
    InvalidInput,
    MissingPackage,
    NotFound,
)
from conn_magics.adapters import GROUP, ByName, Context, adapter_names, find_adapter

OURS = (
    "azure_credential",
    "google_credentials",
    "gspread",
    "headers",
    "notion",
    "pygithub",
    "requests",
    "slack",
    "sqlalchemy_engine",
    "storage_options",
)
#: By adapter: the module that cannot be imported, and what to install.
MISSING = {
    "azure_credential": ("azure.core", "azure-core"),
    "google_credentials": ("google.auth", "google-auth"),
    "gspread": ("gspread", "gspread"),
    "notion": ("notion_client", "notion-client"),
    "pygithub": ("github", "PyGithub"),
    "requests": ("requests", "requests"),
    "slack": ("slack_sdk", "slack_sdk"),
    "storage_options": ("aiohttp", "aiohttp"),
}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package with adapters: ``install("acme = acme:make", code)``."""

    def install(entries, code, module="acme_of_a_test"):
        folder = tmp_path / "site"
        information = folder / f"{module}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Name: {module}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[{GROUP}]\n{entries}\n")
        (folder / f"{module}.py").write_text(code)
        monkeypatch.syspath_prepend(str(folder))

    yield install
    sys.modules.pop("acme_of_a_test", None)


def test_those_that_ship_are_found_like_all_others():
    """By the entry points of the package; the names are those of the methods."""
    assert OURS == adapter_names()
    assert all(callable(find_adapter(name)) for name in OURS)
    assert all(callable(getattr(cm.Connection, name)) for name in OURS)


def test_K_a_wrong_name_is_answered_with_a_guess(desk):
    """Or with what there is."""
    with pytest.raises(
        NotFound, match=r"no adapter called 'gspred'. Did you mean 'gspread'"
    ):
        cm.get("desk").adapter("gspred")
    with pytest.raises(NotFound, match=f"There are: {', '.join(OURS)}"):
        cm.get("desk").adapter("xyz")


@pytest.mark.parametrize(
    ("name", "module", "package"), [(n, *m) for n, m in MISSING.items()]
)
def test_what_is_not_installed_is_named(desk, monkeypatch, name, module, package):
    """The text of the contract."""
    kept = find_adapter(name).__module__
    monkeypatch.delitem(sys.modules, kept)
    for loaded in [m for m in sys.modules if m.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingPackage) as caught:
        cm.get("desk").adapter(name)

    assert (
        f"Adapter '{name}' needs the {package} package. Run %pip install {package}"
    ) == str(caught.value)


def test_options_are_checked_before_anything_is_asked(desk):
    """One sentence, no traceback."""
    with pytest.raises(InvalidInput, match="'requests': got an unexpected keyword"):
        cm.get("desk").adapter("requests", colour="red")
    with pytest.raises(
        InvalidInput, match=r"missing a required (keyword-only )?argument: 'url'"
    ):
        cm.get("desk").adapter("sqlalchemy_engine")


ACME = """
from conn_magics.adapters import ByName


class Client(ByName):
    adapter = "acme"

    def __init__(self, context, region):
        self.context, self.region = context, region
        self.http = context.client()

    def who(self):
        return self.http.get("/me").json()["login"]


def make(context, *, region="eu"):
    return Client(context, region)


def whole(context):
    return {
        "hosts": context.hosts,
        "base": context.base_url,
        "token": context.token(),
        "facts": context.facts,
        "session": context.session(),
        "async": context.async_client(),
        "check": context.check,
        "context": context,
    }
"""


def test_another_package_adds_an_adapter(desk, install, canary):
    """With what is documented: a function that takes a context."""
    install("acme = acme_of_a_test:make", ACME)

    client = cm.get("desk").adapter("acme", region="us")

    assert ("us", "sam") == (client.region, client.who())
    desk.later()
    assert "sam" == client.who()
    assert isinstance(client, ByName)
    assert "sam" == pickle.loads(pickle.dumps(client)).who()
    assert "<Client of connection 'desk'>" == repr(client)
    assert "acme" in adapter_names(ready=True)
    canary.sweep(texts={"pickle": pickle.dumps(client)})


def test_a_context_has_all_that_an_adapter_needs(desk, install, canary):
    """Hosts, base URL, facts, clients, and the token as the last resort."""
    install("whole = acme_of_a_test:whole", ACME)

    found = cm.get("desk").adapter("whole", timeout=3, require=("all",))

    assert (desk.api.host,) == found["hosts"]
    assert f"{desk.api.url}/v1" == found["base"]
    assert desk.provider.is_good(found["token"].access_token.reveal())
    assert ("desk", "connected") == (found["facts"].link_name, found["facts"].status)
    assert "sam" == found["session"].get("/me").json()["login"]
    assert "desk" == found["async"].link_name
    found["check"](f"{desk.api.url}/anything")
    with pytest.raises(HostNotAllowed):
        found["check"]("https://example.org/")
    canary.sweep(texts={"shown": repr(found), "pickle": pickle.dumps(found["context"])})
    assert "<connection 'desk' for an adapter>" == repr(found["context"])


def test_no_package_takes_the_place_of_an_adapter_that_ships(desk, install):
    """Its name would get the credential of whoever asks for ours."""
    install("requests = acme_of_a_test:make", ACME)

    assert "conn_magics.adapters._requests" == find_adapter("requests").__module__


def test_an_adapter_that_misses_its_own_package_says_which(desk, install):
    """Of others too, when it is imported."""
    install("acme = acme_of_a_test:make", "import nothing_of_this_name.at_all")

    with pytest.raises(MissingPackage, match="needs the nothing_of_this_name package"):
        cm.get("desk").adapter("acme")


def test_an_adapter_says_what_is_wrong_with_the_connection(desk):
    """As every other use of it does."""
    desk.broker.revoke("desk")
    for name in sorted(set(OURS) - {"sqlalchemy_engine"}):
        with pytest.raises(ConnectionRevoked):
            cm.get("desk").adapter(name)


def test_a_context_travels_as_a_name(desk, canary):
    """It is part of everything that an adapter makes."""
    context = Context("desk")
    context.token()
    packed = pickle.dumps(context)

    canary.sweep(texts={"pickle": packed})
    assert "desk" == pickle.loads(packed).link_name


def test_importing_adapters_imports_no_library():
    """Nor does the extension import adapters."""
    import json
    import subprocess

    code = (
        "import json, sys, conn_magics._extension, conn_magics.adapters as a;"
        "a.adapter_names(); print(json.dumps(sorted(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(shown.stdout)}
    heavy = {"requests", "aiohttp", "google", "gspread", "github", "slack_sdk", "httpx"}
    assert set() == loaded & (heavy | {"azure", "notion_client", "sqlalchemy"})
