"""Every error of the product, in one tree.

::

    ConnectionsError                   never raised itself
    ├── InvalidInput                   what was typed cannot be accepted      422
    │   ├── NotEditable                                                       422
    │   └── HostNotAllowed             (also PermissionError)                 403
    ├── NotFound                       (also LookupError)                     404
    │   ├── ConnectionNotFound
    │   ├── ServiceNotFound
    │   └── AuthorizationNotFound      an unknown or forgotten flow
    ├── Conflict                                                              409
    │   ├── NameTaken
    │   ├── AmbiguousName              two other people share one of this name
    │   ├── CredentialsAtStake         a change would end live credentials
    │   ├── VersionConflict            somebody else changed it first
    │   └── InternalConnection
    ├── NotAllowed                     (also PermissionError)                 403
    ├── NeedsPerson                    only somebody at a browser can mend it 409
    │   ├── AuthorizationRequired
    │   ├── AuthorizationEnded
    │   ├── AuthorizationFailed        this attempt: denied, expired, replayed 400
    │   ├── LoginUserRequired
    │   ├── ScopeMissing
    │   ├── RegistrationRequired       the client id of a service is missing
    │   └── InteractionRequired
    ├── ConnectionRevoked                                                     423
    ├── TooManyAttempts                                                       429
    ├── ProviderError                  the other side refused                 424
    │   └── ProviderUnavailable        … or did not answer                    503
    ├── BrokerUnavailable                                                     503
    ├── StoreUnavailable               the database                           503
    │   └── Tampered                   a sealed row was changed or moved
    ├── StoreLocked                    the master key                         503
    │   └── WrongKey
    └── MissingPackage                 (also ImportError)                     424

An error has a ``message`` (one sentence what, one why) and a ``hint`` (one
command). Over REST it travels as ``{"code", "message", "hint", "fields"}`` and
is raised again, the same class with the same words, on the other side.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from ._secret import Secret


class ConnectionsError(Exception):
    """The base of all errors of this product. Never raised itself.

    Args:
        message: What happened and why, whole sentences, no secret, no URL query.
        hint: The next thing to do, usually a command.
        fields: For forms: what is wrong with each field, by field name.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(
        self, message: str, hint: str = "", *, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return (
            f"{self.message}. {self.hint}"
            if self.hint and not self.message.endswith(("?", "."))
            else f"{self.message} {self.hint}".strip()
        )

    def _render_traceback_(self) -> list[str]:
        """Show one line in a notebook: IPython calls this instead of a traceback.

        Unlike ``UsageError`` it leaves a real ``error`` output for nbclient,
        papermill and jupyter-scheduler.
        """
        return [f"{type(self).__name__}: {self}"]

    def to_json(self) -> dict[str, object]:
        """Return the error as REST and ``--json`` show it."""
        body: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }
        if self.fields:
            body["fields"] = self.fields
        return body


class InvalidInput(ConnectionsError, ValueError):
    """What was typed cannot be accepted; nothing was stored."""

    code = "invalid_input"
    status = 422


class NotEditable(InvalidInput):
    """Only the name and the scopes of a connection can be changed."""

    code = "not_editable"


class HostNotAllowed(InvalidInput, PermissionError):
    """A request went to a host that the service does not list; nothing was sent."""

    code = "host_not_allowed"
    status = 403


class NotFound(ConnectionsError, LookupError):
    """There is no such thing, or none that the asking person may see."""

    code = "not_found"
    status = 404


class ConnectionNotFound(NotFound):
    """There is no connection of this name here."""

    code = "connection_not_found"


class ServiceNotFound(NotFound):
    """There is no service of this id here."""

    code = "service_not_found"


class AuthorizationNotFound(NotFound):
    """There is no such authorization in progress."""

    code = "authorization_not_found"


class Conflict(ConnectionsError):
    """The state of things does not allow it."""

    code = "conflict"
    status = 409


class NameTaken(Conflict):
    """A connection or service of this name exists already."""

    code = "name_taken"


class AmbiguousName(Conflict):
    """Two other people share a connection of this name."""

    code = "ambiguous_name"


class CredentialsAtStake(Conflict):
    """The change would end live credentials, and nobody has agreed to that."""

    code = "credentials_at_stake"


class VersionConflict(Conflict):
    """Somebody else changed the thing after it was read."""

    code = "version_conflict"


class InternalConnection(Conflict):
    """Connections made by built-in tasks cannot be edited or deleted."""

    code = "internal_connection"


class NotAllowed(ConnectionsError, PermissionError):
    """The asking person may see the thing but not do this with it."""

    code = "not_allowed"
    status = 403


class NeedsPerson(ConnectionsError):
    """Only somebody at a browser can mend it. Command line exit code 3."""

    code = "needs_person"
    status = 409


class AuthorizationRequired(NeedsPerson):
    """The connection has never been authorized."""

    code = "authorization_required"


class AuthorizationEnded(NeedsPerson):
    """The provider no longer accepts the authorization."""

    code = "authorization_ended"


class AuthorizationFailed(NeedsPerson):
    """One attempt to authorize came to nothing; earlier credentials are untouched."""

    code = "authorization_failed"
    status = 400


class AcceptanceRequired(NeedsPerson):
    """Somebody else shares it, and this person has not agreed to use it yet."""

    code = "acceptance_required"


class LoginUserRequired(NeedsPerson):
    """Each person uses their own credentials, and this one has none yet."""

    code = "login_user_required"


class ScopeMissing(NeedsPerson):
    """The authorization does not cover a scope that was asked for."""

    code = "scope_missing"


class RegistrationRequired(NeedsPerson):
    """The organisation has no client registration with the service yet."""

    code = "registration_required"


class InteractionRequired(NeedsPerson):
    """A person is needed, and this notebook runs without one."""

    code = "interaction_required"


class ConnectionRevoked(ConnectionsError):
    """The connection was suspended; it can be enabled again."""

    code = "connection_revoked"
    status = 423


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
    """The database cannot be read or written."""

    code = "store_unavailable"
    status = 503


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


def _all_errors(base: type[ConnectionsError]) -> dict[str, type[ConnectionsError]]:
    found = {base.code: base}
    for subclass in base.__subclasses__():
        found |= _all_errors(subclass)
    return found


ERRORS_BY_CODE: Final = {
    code: kind
    for code, kind in _all_errors(ConnectionsError).items()
    if kind is not ConnectionsError
}


def error_from_json(body: Mapping[str, object], *, status: int) -> ConnectionsError:
    """Make the error of a REST answer again.

    Args:
        body: The answer, ``{"code", "message", "hint", "fields"}``; may be foreign.
        status: The HTTP status, named when the body is not one of ours.

    Returns:
        An error of the class that the code names.
    """
    kind = ERRORS_BY_CODE.get(str(body.get("code")))
    if kind is None:
        return BrokerUnavailable(
            f"The server answered {status} and not in the words of this extension",
            "Run %conn env",
        )
    fields = body.get("fields")
    return kind(
        str(body.get("message", "")),
        str(body.get("hint", "")),
        fields=fields if isinstance(fields, dict) else None,
    )
