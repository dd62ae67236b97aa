"""What somebody else decided, or does not answer."""

import math
from typing import TYPE_CHECKING

from ._base import ConnectionsError

if TYPE_CHECKING:
    from .._secret import Secret


class ConnectionRevoked(ConnectionsError):
    """The connection was suspended; it can be enabled again."""

    code = "connection_revoked"
    status = 423


class ConnectionSuspended(ConnectionRevoked):
    """The account of the person whose credentials it uses is not active any more."""

    code = "connection_suspended"


class TooManyAttempts(ConnectionsError):
    """Somebody tried something too often.

    Attributes:
        retry_after: Seconds until the next try.
    """

    code = "too_many_attempts"
    status = 429
    retry_after: float = 0.0

    @classmethod
    def for_seconds(cls, seconds: float) -> "TooManyAttempts":
        """Return the error that says how long to wait."""
        whole = max(1, math.ceil(seconds))
        error = cls(
            "Too many authorizations were tried in a short time",
            f"Try again in {whole} second{'s' if whole > 1 else ''}",
        )
        error.retry_after = float(whole)
        return error


class ProviderError(ConnectionsError):
    """The service's authorization server refused the request.

    Attributes:
        provider_code: What the server called it, such as ``invalid_client``; empty when
            it gave no name.
        refresh_token: What came with an answer that cannot be used otherwise. Whoever
            keeps credentials takes it off; it never travels.
    """

    code = "provider_error"
    status = 424
    provider_code: str = ""
    refresh_token: "Secret | None" = None


class ProviderUnavailable(ProviderError):
    """The service did not answer, or not in a way that means anything.

    Attributes:
        retry_after: Seconds that the service asked us to wait, None when it did not.
        may_have_arrived: The service may have done what it was asked; False when it
            could not even be reached.
    """

    code = "provider_unavailable"
    status = 503
    retry_after: float | None = None
    may_have_arrived: bool = True


class BrokerUnavailable(ConnectionsError):
    """No credentials are reachable from here."""

    code = "broker_unavailable"
    status = 503


class StoreUnavailable(ConnectionsError):
    """The database cannot be read or written.

    Attributes:
        retry_after: Seconds after which it may be otherwise, None where somebody has to
            mend something first.
    """

    code = "store_unavailable"
    status = 503
    retry_after: float | None = None


class Tampered(StoreUnavailable):
    """A stored secret was changed, moved or damaged; it is not opened."""

    code = "tampered"


class StoreLocked(ConnectionsError):
    """The master key cannot be read."""

    code = "store_locked"
    status = 503


class WrongKey(StoreLocked):
    """The master key is not the one that sealed this store."""

    code = "wrong_key"


class MissingPackage(ConnectionsError, ImportError):
    """An optional package is not installed."""

    code = "missing_package"
    status = 424


class JobsUnavailable(ConnectionsError):
    """There is no scheduler here."""

    code = "jobs_unavailable"
    status = 503


class AuditUnavailable(StoreUnavailable):
    """A use of a shared connection cannot be written down, and so does not happen."""

    code = "audit_unavailable"
