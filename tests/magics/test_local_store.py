"""The magics on a real store: broker, vault and catalogue, no network."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted_provider import (
    ACCESS_TOKEN,
    CLIENT_SECRET,
    CODE,
    REFRESH_TOKEN,
    SHOPS,
    ScriptedProvider,
)

import conn_magics as cm
from conn_core import ClientRegistration, Settings
from conn_core.broker import open_core
from conn_core.errors import (
    ConnectionRevoked,
    MethodNotAllowed,
    ScopeMissing,
    Sealed,
    StoreUnavailable,
)
from conn_magics._desk import Desk
from conn_magics._holder import HOLDER, Holder
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings

MORE_SHOPS = """
[[service]]
id = "herbs"
name = "Herbs"
auth_type = "api_key"
api_base_url = "https://api.herbs.example"
api_hosts = ["api.herbs.example"]
test_path = "/me"
account_field = "login"
"""


@pytest.fixture
def catalogue(tmp_path):
    """A file with services nobody mistakes for real ones."""
    path = tmp_path / "shops.toml"
    path.write_text(SHOPS + MORE_SHOPS)
    return path


@pytest.fixture
def core(tmp_path, catalogue):
    """A deployment of its own, whose provider answers by script."""
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "run",
        user="priya",
        use_keyring=False,
        public_url="http://127.0.0.1:8888/connections/",
        catalog_paths=(catalogue,),
    )
    core = open_core(settings, provider=ScriptedProvider())
    yield core
    core.close()


@pytest.fixture
def run(core):
    """Runs a ``%conn`` line for somebody at a terminal."""
    broker = core.acting_as("priya")
    broker.register_client(
        "coffee", ClientRegistration(client_id="shop", client_secret=CLIENT_SECRET)
    )
    around = Surroundings(person=True, terminal=True)
    with HOLDER.using(broker):
        yield lambda line: run_line(
            line, desk=Desk(around=around, ask=lambda _: "y", show=print)
        )


@pytest.fixture
def allow(core):
    """The person in the browser: opens the link, logs in, allows."""

    def visit(start_url):
        begun = core.start_authorization(start_url.rsplit("/", 1)[1], user="priya")
        state = parse_qs(urlsplit(begun.authorization_url).query)["state"][0]
        return core.finish_authorization(
            "coffee",
            {"state": state, "code": CODE},
            binding=begun.binding.reveal(),
            user="priya",
        )

    return visit


def test_the_whole_life_of_a_connection(run, allow, canary):
    """New, authorize, use, edit, revoke, enable, delete; each answer says what is next."""
    for secret in (ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET, CODE):
        canary.watch(secret, "secret of the provider")
    said = {}

    def do(line):
        answer = run(line)
        said[line] = repr(answer) + answer._repr_html_()
        return repr(answer)

    link = do('new coffee --name "My coffee"').splitlines()[1].strip()
    assert link.startswith("http://127.0.0.1:8888/connections/start/")
    assert "needs authorization" in do("status my-coffee")
    assert "done" == allow(link).state
    assert "connected" in do('status "My coffee"')
    assert "priya-n" in do("show my-coffee")
    assert "as priya-n" in do("test my-coffee")

    client = cm.connect("my-coffee")
    assert "https://api.coffee.example/v1" == str(client.base_url).rstrip("/")
    client.close()
    assert ACCESS_TOKEN == cm.get("my-coffee").token().reveal()
    with pytest.raises(Exception, match="lacks the scope 'order'") as caught:
        cm.connect("my-coffee", require=["order"])
    assert isinstance(caught.value.__cause__, ScopeMissing)

    assert "'my-coffee' has a new access token" == do("refresh my-coffee")
    assert "'my-coffee' is revoked" in do("revoke my-coffee")
    with pytest.raises(ConnectionRevoked, match="was revoked by priya"):
        cm.connect("my-coffee")
    assert "can be used again" in do("enable my-coffee")
    assert do("edit my-coffee --add-scope order --no-authorize").endswith(
        "Run %conn authorize my-coffee"
    )
    for action in ("Created", "Revoked", "Enabled", "Changed"):
        assert action in do("log my-coffee")
    assert do("delete my-coffee").startswith("'my-coffee' is deleted\n")
    assert "There are no connections yet. Run %conn new" == do("list")
    assert len(said) == canary.sweep(texts=said)


def test_a_key_typed_unseen_is_kept_sealed(core, canary):
    """Asked for by the terminal, used by the client, and shown by nothing."""
    secret = canary("api-key")
    desk = _desk_of_a_terminal(secrets=[secret])
    with HOLDER.using(core.acting_as("priya")):
        said = run_line("new herbs --name Garden", desk=desk)
        assert "'garden' is connected as priya-n" == repr(said)
        assert secret == cm.get("garden").token().reveal()
        log = repr(run_line("log garden", desk=desk))
    store = b"".join(p.read_bytes() for p in _files_of(core))
    canary.sweep(texts={"said": repr(said), "log": log, "store": store})


def test_rules_hold_without_a_server(core, canary):
    """Nothing but reading leaves a read-only connection, and no token is handed out."""
    desk = _desk_of_a_terminal(secrets=[canary("api-key")])
    with HOLDER.using(core.acting_as("priya")):
        run_line("new herbs --name Garden --read-only", desk=desk)
        assert "only GET, HEAD, OPTIONS" in repr(run_line("show garden", desk=desk))
        with cm.connect("garden") as client:
            for send in (client.post, client.delete):
                with pytest.raises(MethodNotAllowed, match="Nothing was sent"):
                    send("/plants/1")
        session = cm.get("garden").requests()
        with pytest.raises(MethodNotAllowed, match="Nothing was sent"):
            session.put("https://api.herbs.example/plants/1", data="x")
        with pytest.raises(Sealed):
            cm.get("garden").token()


def test_an_address_is_pasted_at_a_terminal(core, canary):
    """The client registration is asked for, then the provider's address is opened anywhere."""
    code, shown = canary("code"), []

    def bring_back(_question):
        asked = parse_qs(urlsplit(shown[-1].blocks[0].url).query)
        return f"{asked['redirect_uri'][0]}?state={asked['state'][0]}&code={code}"

    def answer(question):
        return "priyas-client" if "Client id" in question else bring_back(question)

    desk = _desk_of_a_terminal(
        ask=answer,
        secrets=[canary("client-secret")],
        show=shown.append,
    )
    with HOLDER.using(core.acting_as("priya")):
        said = run_line("new coffee --name Cake --flow paste", desk=desk)

    assert repr(said).startswith("'cake' is connected as priya-n")
    canary.sweep(texts={"said": repr(said), "shown": repr(shown)})


def _desk_of_a_terminal(*, secrets, **more):
    unseen = iter(secrets)
    around = Surroundings(person=True, terminal=True)
    usual = {"show": lambda _: None, "ask": lambda _: ""}
    return Desk(around=around, ask_secret=lambda _: next(unseen), **usual | more)


def _files_of(core):
    """Every file of the store."""
    folder = Path(core.acting_as("priya").status().location).parent
    return [path for path in folder.rglob("*") if path.is_file()]


def test_services_come_from_the_catalogue(run):
    """The file of the operator, escaped where it is shown as HTML."""
    found = run("services coffee")
    assert "coffee" in [service.id for service in found]
    assert "<b>Cake" not in found._repr_html_()


@pytest.fixture
def environment(tmp_path, catalogue, monkeypatch):
    """A process with no server, its own folders, and a holder that has not looked yet."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_DATA_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("JUPYTER_CONNECTIONS_KEYRING", "0")
    monkeypatch.setenv("JUPYTER_CONNECTIONS_CATALOG", str(catalogue))
    holder = Holder()
    yield lambda line="": run_line(
        line, desk=Desk(holder=holder, around=Surroundings(person=False))
    )
    holder.forget()


def test_env_says_where_credentials_come_from_and_why(environment, tmp_path):
    """Every step that was looked at, which one was chosen, key and versions."""
    shown = repr(environment("env"))
    assert f"the store {tmp_path / 'own' / 'connections.db'}" in shown
    assert "JUPYTER_CONNECTIONS_ENDPOINT is not set" in shown
    assert "key file" in shown
    assert "nowhere: no server can receive a browser here" in shown
    answer = environment("env --json")
    assert [False, True] == [step["chosen"] for step in answer["steps"]]
    assert {"jupyter-connections", "python", "httpx"} <= answer["versions"].keys()
    assert not answer["overridden"]


def test_env_says_that_a_test_has_put_something_in_the_way(environment, broker):
    """``cm.override`` is never forgotten unseen."""
    holder_of_environment = Holder()
    with holder_of_environment.using(broker):
        desk = Desk(holder=holder_of_environment, around=Surroundings(person=False))
        shown = repr(run_line("env", desk=desk))
    holder_of_environment.forget()
    assert shown.startswith("cm.override() answers for some connections here")


def test_env_says_when_the_server_has_another_version(environment, monkeypatch):
    """The kernel's package and the server's may differ."""
    monkeypatch.setattr("conn_magics._verbs._about.__version__", "9.9.9")
    assert "jupyter-connections 9.9.9 here, 0.1.0 where credentials are" in repr(
        environment("env")
    )


def test_a_store_that_cannot_be_opened_is_looked_for_again(environment, tmp_path):
    """A failure is not kept: the person mends it and goes on."""
    (tmp_path / "own").write_text("in the way")
    with pytest.raises(
        Exception, match="No credentials are reachable from here"
    ) as caught:
        environment("list")
    assert isinstance(caught.value.__cause__, StoreUnavailable)
    (tmp_path / "own").unlink()
    assert "There are no connections yet" in repr(environment("list"))


def test_a_connection_from_the_environment_needs_no_store(
    environment, monkeypatch, canary
):
    """``JUPYTER_CONN_<NAME>``: for CI; shown like any other."""
    import json

    monkeypatch.setenv(
        "JUPYTER_CONN_TEA",
        json.dumps({"access_token": canary("ci-token"), "service": "tea"}),
    )
    found = environment("list")
    assert "tea" in [each.link_name for each in found]
    shown = repr(environment("env"))
    assert "JUPYTER_CONN_TEA" in shown
    assert 2 == canary.sweep(texts={"list": repr(found), "env": shown})
