"""The block that ``jupyter connections config nginx`` prints, in a real nginx."""

import http.client
import json
from types import SimpleNamespace

import pytest
from nginx_process import NginxProcess
from ports import free_port
from scripted_peer import Peer, Reply
from self_signed import written
from typer.testing import CliRunner

from conn_serverext import _cli_config

_CONFIG = """
c.ConnectionsService.identity = "proxy"
c.ConnectionsService.public_url = "http://127.0.0.1:{port}/connections/"
c.ConnectionsService.proxy_networks = ["127.0.0.1/32"]
c.ConnectionsService.proxy_secret_file = {file!r}
"""
#: Who is logged in where, as oauth2-proxy knows it.
_KNOWN = {"session=CNRY-of-bob": "bob", "Bearer CNRY-of-bobs-program": "bob"}


def printed(*words):
    said = CliRunner().invoke(_cli_config.app, ["nginx", *words])
    assert 0 == said.exit_code, said.output
    return said.output


@pytest.fixture
def login():
    """What stands where oauth2-proxy does."""
    peer = Peer()

    def answer(seen):
        shown = seen.headers.get("cookie"), seen.headers.get("authorization")
        names = [_KNOWN[each] for each in shown if each in _KNOWN]
        if seen.path != "/oauth2/auth":
            return Reply(200, b"log in")
        if not names:
            return Reply(401)
        return Reply(202, headers={"X-Auth-Request-User": names[0]})

    peer.answer = answer
    yield peer
    peer.close()


@pytest.fixture
def front(tmp_path, new_replica, environment, secret_file, login):
    """Starts nginx before one replica, with what is printed for no hub."""
    for name in [n for n in environment if n.startswith("JUPYTERHUB_")]:
        del environment[name]
    port = free_port()
    file, secret = secret_file("proxy")
    replica = new_replica(config=_CONFIG.format(port=port, file=str(file))).start()
    conf = tmp_path / "secret.conf"
    conf.write_text(f'proxy_set_header X-Connections-Proxy "{secret}";')
    block = printed(
        f"--listen=127.0.0.1:{port}",
        f"--replica=127.0.0.1:{replica.port}",
        f"--login={login.url}",
        f"--secret-conf={conf}",
        f"--access-log={tmp_path}/nginx/access.log",
        "--host=127.0.0.1",
    )
    nginx = NginxProcess(tmp_path / "nginx", block, port).start()

    def ask(method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        if body is not None:
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        line.request(method, path, body, sent)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return SimpleNamespace(
            status=answer.status, text=text, goes_to=answer.headers["Location"]
        )

    yield SimpleNamespace(ask=ask, nginx=nginx, secret=secret)
    nginx.stop()


def test_who_is_logged_in_at_the_proxy_is_that_person_here(front, login):
    """Whatever they say themselves; and what they ask is no business of the log-in's."""
    program = {"Authorization": "Bearer CNRY-of-bobs-program"}
    draft = {"name": "Desk", "authorization_endpoint": "https://desk.example/a"}
    draft |= {"token_endpoint": "https://desk.example/t"}
    draft |= {"api_base_url": "https://api.desk.example"}

    status = front.ask("GET", "/connections/api/v1/status", **program)
    forged = front.ask(
        "GET",
        "/connections/api/v1/status",
        X_Forwarded_User="alice",
        X_Connections_Proxy="CNRY-guessed",
        **program,
    )
    made = front.ask("POST", "/connections/api/v1/services", draft, **program)
    page = front.ask("GET", "/connections/", Cookie="session=CNRY-of-bob")

    assert ["bob", "bob"] == [
        json.loads(each.text)["user"] for each in (status, forged)
    ]
    assert (201, 200) == (made.status, page.status), made.text
    assert "bob" in page.text
    asked = [seen.everything for seen in login.seen]
    assert asked
    assert not any(front.secret in seen or "desk.example" in seen for seen in asked)


def test_who_is_not_is_led_to_the_log_in_without_their_code(front, login):
    """From a page; programs are told 401, and monitors need nobody."""
    code = "state=CNRY-state&code=CNRY-code"
    pages = [
        front.ask("GET", path)
        for path in ("/connections/", f"/connections/callback/desk?{code}")
    ]

    assert {302} == {page.status for page in pages}
    assert {"/oauth2/start?rd=/connections/"} == {
        page.goes_to.partition(f":{front.nginx.port}")[2] for page in pages
    }
    assert "log in" == front.ask("GET", "/oauth2/start?rd=/connections/").text
    for path in ("api/v1/status", "api/v1/connections/x/token"):
        assert 401 == front.ask("GET", f"/connections/{path}").status
    assert 200 == front.ask("GET", "/connections/health").status
    for path in ("/metrics", "/health"):
        assert 404 == front.ask("GET", path, Cookie="session=CNRY-of-bob").status
    assert 404 == front.ask("GET", "/oauth2/auth").status
    assert "CNRY" not in front.nginx.log
    assert not any("CNRY-code" in seen.everything for seen in login.seen)


def test_nginx_takes_the_block_as_it_is_printed(tmp_path):
    """With TLS, two replicas by name, and the operator's certificate."""
    conf = tmp_path / "secret.conf"
    conf.write_text('proxy_set_header X-Connections-Proxy "CNRY-proxy";')
    certificate, key = written(tmp_path)
    words = ["--replica=localhost:8890", "--replica=127.0.0.1:8891"]
    words += [f"--secret-conf={conf}", f"--access-log={tmp_path}/access.log"]
    block = printed(*words)
    assert "listen 443 ssl;" in block
    more = f"ssl_certificate {certificate}; ssl_certificate_key {key};"

    said = NginxProcess(tmp_path / "nginx", block, 443, more=more).accepted()

    assert "test is successful" in said
    assert "[warn]" not in said
