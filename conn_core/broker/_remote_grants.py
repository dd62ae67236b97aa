"""The remote broker's grants: permissions for jobs on other machines."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._job_values import Grant, IssuedGrant
from .._secret import Secret
from ._asker import Asker, part

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._job_drafts import GrantDraft


class RemoteGrants(Asker):
    """The part of ``RemoteBroker`` that is about grants."""

    def grant(self, draft: "GrantDraft") -> IssuedGrant:
        """Make a permission for a job on another machine."""
        body = draft.model_dump(mode="json", exclude={"ttl"})
        body["ttl"] = draft.ttl.total_seconds()
        return self._send("POST", "grants", body, into=_issued)

    def grants(self) -> tuple[Grant, ...]:
        """Return the person's grants, the newest first; ended ones among them."""
        return self._get("grants", into=_listed)

    def revoke_grant(self, grant_id: str) -> Grant:
        """End a grant at once."""
        return self._send("DELETE", f"grants/{part(grant_id)}", into=Grant.from_json)


def _listed(body: Mapping[str, Any]) -> tuple[Grant, ...]:
    return tuple(map(Grant.from_json, body["items"]))


def _issued(body: Mapping[str, Any]) -> IssuedGrant:
    """Read the one answer that holds a bearer."""
    return IssuedGrant(
        grant=Grant.from_json(body["grant"]),
        bearer=Secret(str(body["bearer"])),
        endpoint=body.get("endpoint"),
    )
