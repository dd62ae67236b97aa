"""What the hub says of people: who is here, in which groups, who looks after it."""

import asyncio
import threading
from types import SimpleNamespace

import fake_hub
import pytest
from jupyterhub.services.auth import HubAuth

from conn_core.errors import BrokerUnavailable
from conn_serverext.service._hub import HubPeople


@pytest.fixture
def loop():
    """A loop that runs in a thread of its own, as the service's does."""
    from jupyterhub.httpclient import JupyterHubHTTPClient

    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made

    async def close():
        await JupyterHubHTTPClient.instance().close()

    asyncio.run_coroutine_threadsafe(close(), made).result(60)
    JupyterHubHTTPClient.clear_instance()
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture
def clock():
    """Seconds; a test moves ``now``."""
    return SimpleNamespace(now=0.0)


@pytest.fixture
def people(hub, loop, clock):
    """Asks the hub; ops and the group admins look after it too."""
    auth = HubAuth(api_url=hub.api_url, api_token=hub.service_token)
    return HubPeople(
        auth,
        loop,
        administrators=("ops", "gone"),
        groups=("admins",),
        clock=lambda: clock.now,
    )


def test_who_is_here_is_who_the_hub_has(people, hub):
    """Also with a name that an address cannot hold as it is."""
    hub.people["a/b c"] = fake_hub.Person()

    assert people.is_active("sam")
    assert people.is_active("a/b c")
    assert not people.is_active("eve")


def test_groups_are_the_hubs(people, hub):
    """Somebody who is not here is in none."""
    hub.people["sam"] = fake_hub.Person(groups=("physics", "staff"))

    assert ("physics", "staff") == people.groups_of("sam")
    assert () == people.groups_of("eve")


def test_administrators_are_the_hubs_and_the_operators(people, hub):
    """By name, by group, by the hub's word; never somebody who has left."""
    hub.people["root"] = fake_hub.Person(admin=True)
    hub.people["ops"] = fake_hub.Person()
    hub.people["ann"] = fake_hub.Person(groups=("admins",))

    names = ("root", "ops", "ann", "sam", "gone")
    found = [name for name in names if people.is_administrator(name)]

    assert ["root", "ops", "ann"] == found
    assert people.has_administrators()


def test_three_questions_about_one_person_are_one_to_the_hub(people, hub, clock):
    """They come together; after eight seconds it is asked anew."""
    people.is_active("sam")
    people.groups_of("sam")
    people.is_administrator("sam")
    assert ["/hub/api/users/sam"] == hub.asked

    hub.people.pop("sam")
    assert people.is_active("sam")
    clock.now = 8.0
    assert not people.is_active("sam")


@pytest.mark.parametrize("ask", ["is_active", "groups_of", "is_administrator"])
def test_a_hub_that_cannot_be_asked_is_no_answer(people, hub, ask):
    """Nobody is taken for gone, or for somebody, by mistake."""
    hub.broken = True
    with pytest.raises(BrokerUnavailable):
        getattr(people, ask)("sam")

    hub.broken = False
    assert people.is_active("sam")


def test_a_token_that_the_hub_does_not_take_is_no_answer(people, hub):
    """The service's own role may have lost its scope."""
    hub.service_token = "CNRY-another"

    with pytest.raises(BrokerUnavailable) as caught:
        people.is_active("sam")
    assert "CNRY" not in str(caught.value)


def test_a_hub_that_is_gone_is_no_answer(people, hub):
    """Nothing listens there any more."""
    port = hub.api_url
    hub._server.server_close()

    with pytest.raises(BrokerUnavailable) as caught:
        people.is_active("sam")
    assert port not in str(caught.value)
