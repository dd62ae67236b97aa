"""What somebody fills in who makes a grant, and an organisation of a test's."""

from conn_core import GrantDraft, read_draft
from conn_core.errors import BrokerUnavailable


class People:
    """An organisation of which a test decides who is gone; ada looks after it."""

    def __init__(self):
        self.gone = set()
        self.silent = False

    def is_active(self, name):
        if self.silent:
            raise BrokerUnavailable("The hub does not answer", "Run %conn env")
        return name not in self.gone

    def is_known_active(self, name):
        return not self.silent and name not in self.gone

    def groups_of(self, name):
        return ()

    def is_administrator(self, name):
        return name == "ada"

    def has_administrators(self):
        return True


def draft(*names, **rest):
    """Return the draft of a grant for some connections."""
    return read_draft(
        GrantDraft, {"name": "nightly report", "connections": list(names)} | rest
    )
