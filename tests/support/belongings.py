"""What sam has and shares with some: whatever an address of the matrix names."""

import urllib.parse

import sqlalchemy as sa

from conn_core import (
    ClientRegistration,
    ConnectionDraft,
    GrantDraft,
    ServiceDraft,
)

#: A service that sam describes.
SERVICE = {
    "name": "Crm",
    "auth_type": "oauth2",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "api_base_url": "https://api.acme.example",
    "client_id": "shop",
}
_WHOM = ("group:finance", "user:alex", "user:ghost")


class Belongings:
    """Made anew for each role, which may change them.

    ``{c}`` is a connection, ``{f}`` an attempt to authorize one, ``{g}`` a grant, ``{s}``
    a service. Only what is asked about is there.
    """

    def __init__(self, core, role, asked, canary):
        self._sam = core.acting_as("sam")
        self._role = role
        self._canary = canary
        self.link_name = self.flow = self.grant = self.service = "none"
        self.bearer = None
        if "tea" in asked or "{f}" in asked:
            self._register(core)
        if "{c}" in asked or "{g}" in asked or role == "job":
            self.link_name = self._connection()
        if "{g}" in asked or role == "job":
            self._grant()
        if "{f}" in asked:
            self.flow = self._flow()
        if "{s}" in asked:
            described = ServiceDraft(**SERVICE | {"name": f"Crm {role}"})
            self.service = self._sam.create_service(described).id

    def _register(self, core):
        secret = self._canary("client")
        client = ClientRegistration(client_id="shop", client_secret=secret)
        core.acting_as("warden").register_client("tea", client)

    def _connection(self):
        draft = ConnectionDraft(
            service="depot",
            name=self._role,
            shared_with=_WHOM,
            secret={"token": self._canary("key")},
        )
        return self._sam.create(draft).link_name

    def _flow(self):
        draft = ConnectionDraft(
            service="tea", name=f"tea {self._role}", shared_with=_WHOM
        )
        return self._sam.authorize(self._sam.create(draft).link_name).flow

    def _grant(self):
        draft = GrantDraft(name=self._role, connections=(self.link_name,))
        issued = self._sam.grant(draft)
        self.bearer, self.grant = issued.bearer, issued.grant.id

    def vanish(self, core):
        """Delete all of it; its names are nobody's then."""
        for each in self._sam.connections(group="my").items:
            self._sam.delete(each.link_name)
        with core.store.write() as tx:
            tx.execute(sa.text("DELETE FROM grants"))

    def called_by(self, role):
        """Return by which name a role calls the connection, as addresses have it."""
        is_sam = role in {"owner", "job"}
        name = self.link_name if is_sam else f"sam/{self.link_name}"
        return urllib.parse.quote(name, safe="")

    def written(self, text, *, name, role):
        """Return a text with what it names put in."""
        filled = {"c": name, "f": self.flow, "g": self.grant, "s": self.service}
        for letter, value in (filled | {"r": role}).items():
            text = text.replace(f"{{{letter}}}", value)
        return text
