"""A replica whose network is gone: nothing is refused, what it sends is simply lost."""

from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from far_machine import FarMachine, is_possible
from patience import until
from replica_faults import PATIENCE, asked, check_kept, expire, kernel_of

pytestmark = pytest.mark.skipif(
    not is_possible(), reason="network namespaces need root on Linux"
)


@pytest.fixture
def far(site, hub):
    """Another machine, from which hub and provider are reached whatever happens."""
    found = FarMachine()
    for port in (urlsplit(hub.api_url).port, urlsplit(site.provider.url).port):
        found.give(port)
    yield found
    found.plug_it_in()
    found.close()


@pytest.fixture
def far_replica(far, replica_of, site, tmp_path):
    """A replica there, whose way to the database is the cable."""
    address = sa.make_url(site.place.url)
    port = far.lead_to(f"{address.query['host']}/.s.PGSQL.5432")
    through = address.set(host=far.here, port=port, query={})
    file = tmp_path / "database-url.txt"
    file.write_text(through.render_as_string(hide_password=False))
    replica = far.run(lambda: replica_of("far"))
    file.write_text(site.place.url)
    yield replica
    replica.stop()


def test_F24_a_replica_without_a_network_says_so_in_time_and_the_other_works(
    far, far_replica, replica_of, hub, site
):
    """Its kernel gets an error of ours before it gives up by itself, and goes on later.

    Fails when the driver waits for an answer that cannot come, as it does for a quarter
    of an hour by default: the kernel would say that the server does not answer.
    """
    near_replica = replica_of("near")
    near = kernel_of(hub, "sam", port=near_replica.port)
    lonely = far.run(lambda: kernel_of(hub, "sam", port=far_replica.port))
    far.pull_the_cable()

    waiting = far.begin(lambda: asked(lonely))
    assert 2 == asked(near).get("generation")
    alone = waiting.result(PATIENCE)

    assert "StoreUnavailable" == alone.get("error"), alone
    assert "CNRY" not in alone["text"]
    assert 1 == site.provider.refreshes
    assert 503 == far.run(lambda: far_replica.ask("GET", "/health")).status

    far.plug_it_in()
    until(lambda: 200 == far.run(lambda: far_replica.ask("GET", "/health")).status)
    expire(site)
    assert 3 == far.run(lambda: asked(lonely)).get("generation")
    near.close()
    lonely.close()
    check_kept(site, generation=3, refreshes=2)


def test_F24_an_answer_that_came_while_the_network_was_gone_is_kept(
    far, far_replica, hub, site
):
    """The cable is pulled when the provider is asked: the token is stored afterwards."""
    lonely = far.run(lambda: kernel_of(hub, "sam", port=far_replica.port))
    site.provider.on_refresh = far.pull_the_cable
    waiting = far.begin(lambda: asked(lonely))
    until(lambda: site.provider.refreshes)
    until(lambda: 503 == far.run(lambda: far_replica.ask("GET", "/health")).status)
    assert not waiting.done()

    far.plug_it_in()

    said = waiting.result(PATIENCE)
    assert 2 == said.get("generation"), said
    lonely.close()
    check_kept(site, generation=2, refreshes=1)
