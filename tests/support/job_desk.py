"""A desk for jobs: its broker says how ready things are, and makes grants."""

from types import SimpleNamespace

from conn_core import BrokerStatus, Grant, IssuedGrant, Readiness, Secret
from conn_magics._surroundings import Surroundings

SERVER = "http://connections.hub.svc:8081/services/connections/"
READY = Readiness(name="github", ready=True, runs_as="sam")
MISSING = Readiness(
    name="github", ready=False, problem="It is not authorized", needs_person=True
)


class Broker:
    """Says how ready things are, and makes grants."""

    def __init__(self, readiness=READY, kind="server"):
        self.readiness, self.kind = readiness, kind
        self.drafts, self.revoked = [], []

    def check(self, needs, *, until=None):
        return tuple(self.readiness for _ in needs)

    def status(self):
        return BrokerStatus(
            kind=self.kind, user="sam", location=SERVER, key_source="a file"
        )

    def grant(self, draft):
        self.drafts.append(draft)
        made = Grant(
            id="g1", name=draft.name, connections=draft.connections, owner="sam"
        )
        return IssuedGrant(
            grant=made,
            bearer=Secret("jcg_CNRY-exec-71c2"),
            endpoint="https://a.example/",
        )

    def revoke_grant(self, grant_id):
        self.revoked.append(grant_id)


def desk(broker=None, *, command=True):
    """Return a desk with such a broker; what is shown and said is kept."""
    shown = []
    return SimpleNamespace(
        broker=broker or Broker(),
        around=Surroundings(person=False, command=command),
        show=shown.append,
        say=shown.append,
        shown=shown,
    )
