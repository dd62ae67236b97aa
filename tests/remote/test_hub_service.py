"""A kernel of a hub: it asks the service with its server's token, and nothing else."""

import pytest

from conn_core import Schedule, ScheduleDraft, Settings, __version__
from conn_core.broker import RemoteBroker, resolve
from conn_core.broker._hub_service import refuse_other_times
from conn_core.errors import BrokerUnavailable, JobsUnavailable

STATUS = {
    "kind": "local",
    "user": "bob",
    "location": "db",
    "key_source": "file",
    "version": __version__,
}
FACTS = ("GET", "status")
DRAFT = ScheduleDraft(notebook="report.ipynb", cron="0 6 * * *")
KEPT = {"id": "8d0f", "name": "report", "notebook": "report.ipynb", "cron": DRAFT.cron}


@pytest.fixture
def environ(new_server, bearer):
    """A kernel's environment, and the service it names."""
    service = new_server("/services/connections/")
    service.answers[FACTS] = (200, STATUS)
    variables = {
        "JUPYTER_CONNECTIONS_SERVICE": service.endpoint,
        "JUPYTERHUB_API_TOKEN": bearer,
    }
    return variables, service


@pytest.fixture
def find(tmp_path):
    """Resolves, and closes what was opened."""
    settings = Settings(
        data_dir=tmp_path / "data",
        # No handle is there: the token of the server is all that a kernel has.
        runtime_dir=tmp_path / "empty",
        user="root",
        use_keyring=False,
    )
    found = []

    def go(environ):
        found.append(resolve(settings, environ))
        return found[-1]

    yield go
    for resolved in found:
        resolved.close()
    assert not settings.data_dir.exists(), "the local store was opened"


def test_a_kernel_asks_the_service_as_its_servers_person(find, environ):
    """The token is in the environment that the hub made."""
    resolved = find(environ[0])

    assert isinstance(resolved.broker, RemoteBroker)
    assert "bob" == resolved.broker.status().user
    assert "acts as bob" == resolved.steps[-1].outcome
    assert "CNRY" not in repr(resolved)


def test_a_service_that_does_not_answer_is_never_replaced_by_the_local_store(
    find, environ
):
    """What somebody connects there is not what their notebooks use every day."""
    variables, service = environ
    service.peer.cut()
    service.peer.close()

    with pytest.raises(BrokerUnavailable) as caught:
        find(variables)
    assert "not running" in str(caught.value)


def test_a_token_that_is_not_taken_is_no_reason_for_the_local_store(find, environ):
    """A stopped server's kernel is told so."""
    variables, service = environ
    service.takes = "CNRY-another-bearer"

    with pytest.raises(BrokerUnavailable):
        find(variables)


def test_without_a_token_it_says_which_variable_is_missing(find, environ):
    """And how it comes to be there."""
    variables = {"JUPYTER_CONNECTIONS_SERVICE": environ[1].endpoint}

    with pytest.raises(BrokerUnavailable) as caught:
        find(variables)
    assert "JUPYTERHUB_API_TOKEN is not" in caught.value.message
    assert "from the hub" in caught.value.hint


@pytest.mark.parametrize(
    "variable",
    ["JUPYTER_CONNECTIONS_DATABASE_URL", "JUPYTER_CONNECTIONS_DATABASE_URL_FILE"],
)
def test_no_kernel_opens_everybodys_database(find, variable):
    """It would have everybody's secrets in its reach."""
    with pytest.raises(BrokerUnavailable) as caught:
        find({variable: "postgresql://CNRY-password@db/x"})
    assert caught.value.message.startswith(variable)
    assert "CNRY" not in str(caught.value)


@pytest.mark.parametrize("version", ["0.3.0", "1.0.0", "", "later"])
def test_F74_a_service_of_another_time_is_refused_in_words(find, environ, version):
    """More than one version apart, or one that does not say which it has."""
    variables, service = environ
    service.answers[FACTS] = (200, STATUS | {"version": version})

    with pytest.raises(BrokerUnavailable) as caught:
        find(variables)
    assert "more than one version apart" in caught.value.message
    assert __version__ in caught.value.message
    assert version in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("version", ["0.0.9", "0.1.7", "0.2.0"])
def test_F74_one_version_apart_is_an_upgrade_under_way(version):
    """In either direction."""
    refuse_other_times(version)


def test_schedules_are_asked_for_at_ones_own_server(find, environ, new_server):
    """It runs the notebooks; what they need is known to the service alone."""
    variables, service = environ
    own = new_server("/user/bob/connections/")
    service.answers["POST", "check"] = (200, {"items": [], "total": 0})
    own.answers |= {
        ("POST", "schedules"): (201, KEPT),
        ("GET", "schedules"): (200, {"items": [KEPT], "total": 1}),
        ("PATCH", "schedules/report"): (200, KEPT),
        ("DELETE", "schedules/report"): (200, KEPT),
    }
    variables["JUPYTER_CONNECTIONS_OWN_SERVER"] = own.endpoint

    broker = find(variables).broker
    kept = Schedule.from_json(KEPT)
    assert kept == broker.schedule(DRAFT)
    assert (kept,) == broker.schedules()
    assert kept == broker.pause_schedule("report")
    assert kept == broker.delete_schedule("report")
    assert () == broker.check(())
    assert "bob" == broker.status().user

    at_own = {seen.path.rpartition("/api/v1/")[2] for seen in own.peer.seen}
    assert {"schedules", "schedules/report"} == at_own
    assert all("schedules" not in seen.path for seen in service.peer.seen)


def test_without_a_server_of_ones_own_the_service_says_who_runs_notebooks(
    find, environ
):
    """A container that only has the hub's token, say."""
    variables, service = environ
    told = JobsUnavailable("This service runs no notebooks: your own server does")
    service.answers["GET", "schedules"] = (503, told.to_json())

    with pytest.raises(JobsUnavailable, match="runs no notebooks"):
        find(variables).broker.schedules()


def test_an_own_server_that_is_gone_is_said_and_the_service_goes_on(
    find, environ, new_server
):
    """Connections do not need it."""
    variables, _ = environ
    own = new_server("/user/bob/connections/")
    variables["JUPYTER_CONNECTIONS_OWN_SERVER"] = own.endpoint
    own.peer.cut()
    own.peer.close()

    broker = find(variables).broker
    with pytest.raises(BrokerUnavailable, match="not running"):
        broker.schedules()
    assert "bob" == broker.status().user
