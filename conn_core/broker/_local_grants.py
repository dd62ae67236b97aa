"""The local broker's grants: permissions for jobs on other machines."""

from typing import TYPE_CHECKING

from .._job_values import Grant, IssuedGrant
from . import _granting
from ._local_connections import LocalConnections

if TYPE_CHECKING:
    from .._job_drafts import GrantDraft


class LocalGrants(LocalConnections):
    """The part of ``LocalBroker`` that is about grants."""

    def grant(self, draft: "GrantDraft") -> IssuedGrant:
        """Make a permission for a job on another machine."""
        return _granting.issue(
            self._workshop, self._directory, draft, owner=self._person
        )

    def grants(self) -> tuple[Grant, ...]:
        """Return the person's grants, the newest first; ended ones among them."""
        return _granting.grants_of(self._workshop, self._person)

    def revoke_grant(self, grant_id: str) -> Grant:
        """End a grant at once."""
        return _granting.revoke(self._workshop, grant_id, owner=self._person)
