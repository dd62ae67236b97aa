"""Alerts: a webhook, e-mail, both; sent once, given back where nobody took them."""

import asyncio
import contextlib
import socketserver
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from patience import SECONDS, soon
from traitlets import TraitError

from conn_core import Secret
from conn_core.broker import Alert
from conn_core.errors import InvalidInput, ProviderUnavailable, StoreUnavailable
from conn_serverext import _alerting
from conn_serverext._alerting import Alerting, tell_alerts
from conn_serverext._notifiers import notifiers_from
from conn_serverext._notify import Mail, Webhook
from conn_serverext._options import Connections
from conn_serverext._smtp import deliver


def alert(person="sam", name="expenses"):
    return Alert(
        kind="ended",
        connection=f"{person}/{name}",
        service="Expenses",
        person=person,
        at=datetime(2026, 11, 25, tzinfo=UTC),
        message=f"The authorization of '{name}' with Expenses has ended",
        hint=f"Run %conn authorize {name}",
        credential="c1",
    )


class Answering:
    """A way out that keeps what it was given."""

    def __init__(self, status=200):
        self.status = status
        self.sent = []

    def send(self, method, url, *, headers, content, timeout):
        self.sent.append((method, url, headers, content))
        return self


class Told:
    def __init__(self, error=None):
        self.alerts = []
        self.error = error

    def tell(self, alerts):
        self.alerts += alerts
        if self.error:
            raise self.error


@pytest.fixture
def claims(monkeypatch):
    """What is claimed and given back, without a store."""
    kept = {"claimed": [], "back": []}
    monkeypatch.setattr(
        "conn_core.broker.claim_alerts", lambda _: tuple(kept["claimed"])
    )
    monkeypatch.setattr(
        "conn_core.broker.give_back_alerts",
        lambda _, alerts: kept["back"].extend(alerts),
    )
    return kept


def test_a_webhook_gets_one_document_with_all_of_them(canary):
    """JSON that a chat can show, and programs can read; no id of ours."""
    import json

    url = f"https://hooks.example/{canary('webhook')}"
    way_out = Answering()
    hook = Webhook(url=Secret(url), way_out=way_out)
    hook.tell([alert(), alert("ada")])
    ((method, to, headers, content),) = way_out.sent
    sent = json.loads(content)
    assert ("POST", url, "application/json") == (method, to, headers["Content-Type"])
    assert ["sam", "ada"] == [one["person"] for one in sent["alerts"]]
    assert "credential" not in sent["alerts"][0]
    assert sent["text"].startswith("sam/expenses: The authorization of 'expenses'")
    assert "CNRY" not in repr(hook)


def test_a_webhook_that_refuses_is_an_error_without_its_address(canary):
    """A chat's address is a secret."""
    hook = Webhook(
        url=Secret(f"https://x.example/{canary('webhook')}"), way_out=Answering(500)
    )
    with pytest.raises(ProviderUnavailable) as caught:
        hook.tell([alert()])
    assert "answered 500" in str(caught.value)
    assert "CNRY" not in str(caught.value)


def test_one_mail_goes_to_each_who_is_concerned():
    """With all that concerns them; a name cannot become another address."""
    sent = []
    mail = Mail(
        host="mail.example",
        sender="jupyter@example.org",
        to="{person}@example.org",
        deliver=lambda _, *message: sent.append(message),
    )
    mail.tell([alert(), alert(name="github"), alert("a@evil.example\nBcc: x")])
    assert ["sam@example.org", "aevil.exampleBccx@example.org"] == [m[0] for m in sent]
    assert "2 connections need to be authorized again" == sent[0][1]
    assert 2 == sent[0][2].count("Run %conn authorize")


class _Smtp(socketserver.StreamRequestHandler):
    """Takes one message, without TLS; says no to a receiver called nobody."""

    def handle(self):
        self._say("220 here")
        data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            self.server.heard.append(line)
            if data:
                data = line != "."
                if not data:
                    self._say("250 taken")
            elif line.upper().startswith("EHLO"):
                self._say("250 here")
            elif line.upper().startswith("DATA"):
                data = True
                self._say("354 go on")
            elif line.upper().startswith("QUIT"):
                self._say("221 bye")
                return
            else:
                self._say("550 no" if "nobody" in line else "250 well")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server():
    """An SMTP server on this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.heard = []
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def mail_to(server, to, **more):
    return Mail(
        host="127.0.0.1",
        port=server.server_address[1],
        sender="jupyter@example.org",
        to=to,
        deliver=deliver,
        starttls=False,
        **more,
    )


def test_a_message_arrives_by_smtp(mail_server):
    """As it is."""
    mail_to(mail_server, "sam@example.org").tell([alert()])
    heard = "\n".join(mail_server.heard)
    assert "To: sam@example.org" in heard
    assert "Subject: sam/expenses needs to be authorized again" in heard
    assert "Run %conn authorize expenses" in heard


def test_a_server_that_refuses_or_has_no_tls_is_an_error(mail_server):
    """Nothing is said before there is TLS, where it is asked for."""
    with pytest.raises(ProviderUnavailable, match="did not take an alert"):
        mail_to(mail_server, "nobody@example.org").tell([alert()])
    mail_server.heard.clear()
    import dataclasses

    strict = dataclasses.replace(mail_to(mail_server, "s@example.org"), starttls=True)
    with pytest.raises(ProviderUnavailable, match="SMTPNotSupportedError"):
        strict.tell([alert()])
    assert not [line for line in mail_server.heard if line.startswith(("MAIL", "DATA"))]


def test_the_password_is_read_when_it_is_needed(tmp_path, canary, mail_server):
    """From its file; a file that is not there is said."""
    file = tmp_path / "password"
    file.write_text(canary("smtp") + "\n")
    mail = mail_to(mail_server, "s@example.org", user="jupyter", password_file=file)
    assert mail.password().reveal() == file.read_text().strip()
    assert "CNRY" not in repr(mail)
    with pytest.raises(ProviderUnavailable, match="SMTPNotSupportedError"):
        mail.tell([alert()])  # this server knows no AUTH
    file.unlink()
    with pytest.raises(InvalidInput, match="FileNotFoundError"):
        mail.tell([alert()])
    assert Mail(host="h", sender="s", to="t", deliver=deliver).password() is None


def test_U6_one_notifier_that_works_is_enough(claims):
    """What nobody took is given back, and told later."""
    claims["claimed"] = [alert()]
    bad, good = Told(ProviderUnavailable("Not there")), Told()
    tell_alerts(None, [bad, good])
    assert claims["claimed"] == good.alerts
    assert [] == claims["back"]
    tell_alerts(None, [bad])
    assert claims["claimed"] == claims["back"]
    claims["claimed"] = []
    tell_alerts(None, [good])
    assert 1 == len(good.alerts)


class Running:
    """A core that is asked in a thread."""

    async def run(self, job):
        return await asyncio.to_thread(job, None)


async def test_the_task_looks_now_and_then_and_ends_cleanly(claims, monkeypatch):
    """A store that is away for a moment ends nothing."""
    looks = []

    def claim(_):
        looks.append(1)
        if len(looks) == 1:
            raise StoreUnavailable("Away")
        return ()

    monkeypatch.setattr("conn_core.broker.claim_alerts", claim)
    alerting = Alerting(Running(), lambda _: [Told()], every=0.001)
    alerting.begin()
    alerting.begin()
    await soon(lambda: len(looks) > 2, what="a third look")
    await alerting.close()
    await alerting.close()


async def test_without_a_notifier_nothing_is_looked_for():
    """No task, no question to the store."""
    alerting = Alerting(None, notifiers_from("", {}))
    alerting.begin()
    await alerting.look()
    await alerting.close()


def test_what_the_operator_writes_makes_notifiers():
    """Both, in the order in which they are asked."""
    from types import SimpleNamespace

    core = SimpleNamespace(provider=Answering())
    smtp = {"host": "localhost", "from": "a@b.c", "to": "d@e.f", "starttls": False}
    smtp["password_file"] = "~/password"
    hook, mail = notifiers_from("https://hooks.example/x", smtp)(core)
    assert core.provider is hook.way_out
    assert (587, False, Path("~/password").expanduser()) == (
        mail.port,
        mail.starttls,
        mail.password_file,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"notify_webhook": "http://hooks.example/x"},
        {"notify_webhook": "https://user:word@hooks.example/x"},
        {"notify_smtp": {"host": "h"}},
        {"notify_smtp": {"host": "h", "from": "a", "to": "b", "tls": 1}},
        {"notify_smtp": {"host": "h", "from": "a", "to": "b", "port": "x"}},
        {"notify_smtp": {"host": "h", "from": "a", "to": "b", "starttls": False}},
    ],
)
def test_an_option_that_cannot_work_is_refused(wrong):
    """When the server starts; a secret in it is not repeated."""
    with pytest.raises(TraitError) as caught:
        Connections(**wrong)
    assert "word" not in str(caught.value)


async def test_the_extension_begins_with_the_first_use(extension, kernel, monkeypatch):
    """And stops with the server."""
    looked = asyncio.Event()

    async def look(self):
        looked.set()

    monkeypatch.setattr(_alerting.Alerting, "look", look)
    extension.alerting = Alerting(extension.core, lambda _: [Told()])
    with contextlib.closing(await asyncio.to_thread(extension.open_core)):
        await asyncio.wait_for(looked.wait(), SECONDS)
    await extension.alerting.close()
