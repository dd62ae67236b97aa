"""A broker that is lent to magics and functions: in this process, and in a kernel."""

from contextlib import contextmanager
from pathlib import Path

from conn_magics._holder import HOLDER

#: A kernel knows nothing of pytest's paths.
_LENT = """\
import sys
sys.path.append({support!r})
from coffee_house import api_running, coffee
from conn_magics._holder import HOLDER
from fake_broker import FakeBroker
api = api_running({token!r})
broker = FakeBroker(token={token!r}, services=[coffee(api.__enter__())])
broker.has("beans")
lent = HOLDER.using(broker)
lent.__enter__();
"""


@contextmanager
def lent(broker):
    """Lend a broker to magics and functions; the clients that they made are closed."""
    with HOLDER.using(broker):
        yield broker
        for client in HOLDER.clients.values():
            if hasattr(client, "close"):
                client.close()


def lent_by_code(token):
    """Return the code that lends a kernel a broker with the connection 'beans'."""
    return _LENT.format(support=str(Path(__file__).parent), token=token)
