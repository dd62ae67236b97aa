"""People as a hub knows them, in memory: a test lets them come, join and go."""

from conn_core.errors import BrokerUnavailable


class Townsfolk:
    """Who is active, in which groups, and who looks after the deployment.

    ``asked`` counts the questions; ``silent`` lets the hub not answer.
    """

    def __init__(self, *, administrators=("root",)):
        self.gone = set()
        self.groups = {}
        self.administrators = set(administrators)
        self.silent = False
        self.asked = 0

    def is_active(self, name):
        self._answer()
        return name not in self.gone

    def is_known_active(self, name):
        return not self.silent and name not in self.gone

    def groups_of(self, name):
        self._answer()
        return tuple(g for g, members in self.groups.items() if name in members)

    def is_administrator(self, name):
        self._answer()
        return name in self.administrators

    def has_administrators(self):
        return bool(self.administrators)

    def _answer(self):
        self.asked += 1
        if self.silent:
            raise BrokerUnavailable("The hub does not answer", "Run %conn doctor")
