"""What a broker over another one passes on about grants: the environment makes none."""

from typing import TYPE_CHECKING

from .._job_values import Grant, IssuedGrant

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from collections.abc import Callable

    from .._job_drafts import GrantDraft
    from ._port import Broker


class GrantsBelow:
    """Passes everything about grants on.

    Attributes:
        below: Finds the broker below; called when one is needed.
    """

    below: "Callable[[], Broker]"

    def grant(self, draft: "GrantDraft") -> IssuedGrant:
        """Make a permission for a job, below."""
        return self.below().grant(draft)

    def grants(self) -> tuple[Grant, ...]:
        """Return the person's grants, from below."""
        return self.below().grants()

    def revoke_grant(self, grant_id: str) -> Grant:
        """End a grant below."""
        return self.below().revoke_grant(grant_id)
