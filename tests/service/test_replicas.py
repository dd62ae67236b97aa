"""Replicas on one database: ready or not, drained, restarted, and of one mind."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import SECONDS, until

from conn_core import Secret
from conn_core.broker import RemoteBroker
from conn_core.errors import BrokerUnavailable

TOKEN = "api/v1/connections/expenses/token"


def vend(replica, token):
    """Ask for an access token as a kernel does."""
    return replica.ask("POST", TOKEN, body={}, Authorization=f"Bearer {token}")


def test_health_says_ready_and_nothing_else(service):
    """At the port itself and below the public path; nobody logs in for it."""
    for path in ("/health", "health"):
        answer = service.ask("GET", path)
        assert (200, {"status": "ready"}) == (answer.status, answer.json)
        assert "Server" not in answer.headers
    assert {"status": "alive"} == service.ask("GET", "/health/live").json
    assert 404 == service.ask("GET", "/elsewhere").status
    assert "Server" not in service.ask("GET", "/elsewhere").headers


def test_two_replicas_refresh_once(replica_of, hub, site):
    """Both are asked at once for a token that has expired; the provider is asked once."""
    token = hub.token_of("sam")
    site.provider.latency = 0.5
    replicas = [replica_of("a"), replica_of("b")]
    before = site.provider.refreshes

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: vend(replicas[n % 2], token), range(8)))

    assert {200} == {answer.status for answer in answers}
    assert 1 == len({answer.json["access_token"] for answer in answers})
    assert before + 1 == site.provider.refreshes
    assert 0 == site.provider.reuses


def test_F79_a_refresh_that_runs_is_finished_before_the_end(replica_of, hub, site):
    """SIGTERM in its middle: the caller has its token, and the next replica it too."""
    token = hub.token_of("sam")
    replica = replica_of("a")
    asked, answered, answers = threading.Event(), threading.Event(), []
    site.provider.on_refresh = lambda: (asked.set(), answered.wait(SECONDS))
    caller = threading.Thread(target=lambda: answers.append(vend(replica, token)))
    caller.start()
    assert asked.wait(SECONDS)

    replica.tell(signal.SIGTERM)

    until(lambda: "draining, 1 requests run" in replica.log)
    answered.set()
    caller.join(SECONDS)
    assert [200] == [answer.status for answer in answers]
    assert 0 == replica.ended()
    assert "are cut" not in replica.log
    assert answers[0].json == vend(replica_of("b"), token).json
    assert 1 == site.provider.refreshes


def test_F79_health_says_draining_before_the_door_closes(new_replica):
    """So that a load balancer sends nobody here any more."""
    replica = new_replica(notice=5).start()

    replica.tell(signal.SIGTERM)

    # The door closes after five seconds: who has not heard it by then fails here.
    until(lambda: replica.ask("GET", "/health").json == {"status": "draining"})
    assert 503 == replica.ask("GET", "/health").status
    assert 0 == replica.ended()


def test_F71_a_kernel_goes_on_after_the_service_was_restarted(new_replica, hub):
    """With the same broker object, by itself; meanwhile it says what is wrong."""
    replica = new_replica().start()
    token = Secret(hub.token_of("bob"))
    broker = RemoteBroker(replica.address, bearer=lambda: token, place="a.ipynb")
    assert "bob" == broker.status().user

    replica.stop()
    with pytest.raises(BrokerUnavailable):
        broker.status()
    replica.start()

    assert "bob" == broker.status().user
    broker.close()


def test_M8_metrics_hold_counts_and_no_names(replica_of, hub, site, metrics_bearer):
    """Vends, refreshes and errors; readable with the bearer only."""
    replica = replica_of("a")
    token = hub.token_of("sam")
    assert 200 == vend(replica, token).status
    missing = replica.ask(
        "GET", "api/v1/connections/nothing", Authorization=f"Bearer {token}"
    )
    assert 404 == missing.status

    shown = replica.ask("GET", "/metrics", Authorization=f"Bearer {metrics_bearer[1]}")

    assert 200 == shown.status
    for line in (
        'connections_request_seconds_count{kind="token",status="2xx"} 1.0',
        'connections_request_seconds_count{kind="rest",status="4xx"} 1.0',
        'connections_refresh_seconds_count{result="2xx"} 1.0',
        'connections_errors_total{code="connection_not_found"} 1.0',
        "connections_requests_running 1.0",
    ):
        assert line in shown.text.splitlines(), line
    for name in ("sam", "expenses", "nothing", "CNRY", "127.0.0.1"):
        assert name not in shown.text
    assert 403 == replica.ask("GET", "/metrics").status
    assert 403 == replica.ask("GET", "/metrics", Authorization="Bearer x").status
    assert 404 == replica.ask("GET", "metrics").status


def test_metrics_may_be_read_from_a_network_of_the_operators(new_replica):
    """Where the monitor has no bearer."""
    config = "c.ConnectionsService.metrics_networks = ['127.0.0.0/8']\n"
    replica = new_replica(config=config).start()

    assert 200 == replica.ask("GET", "/metrics").status
