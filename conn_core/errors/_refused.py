"""What was asked for cannot be done, or not by this person."""

from typing import Self

from ._base import ConnectionsError


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


class GrantNotFound(NotFound):
    """There is no grant of this id, or it is somebody else's."""

    code = "grant_not_found"


class ScheduleNotFound(NotFound):
    """There is no schedule of this name, or it is somebody else's."""

    code = "schedule_not_found"


class Conflict(ConnectionsError):
    """The state of things does not allow it."""

    code = "conflict"
    status = 409


class NameTaken(Conflict):
    """A connection or service of this name exists already."""

    code = "name_taken"


class LimitReached(Conflict):
    """The person has as many of these as one may have here."""

    code = "limit_reached"


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


class Sealed(NotAllowed):
    """The credential stays with the broker: requests may be made, no token is given."""

    code = "sealed"

    @classmethod
    def lends_nothing(cls, link_name: str) -> Self:
        """Return the error for who wants the credential itself."""
        return cls(
            f"'{link_name}' is sealed: its token stays with the broker, and requests "
            "go through it",
            f"Use cm.connect('{link_name}') or a %%connection cell",
        )


class GrantEnded(NotAllowed):
    """A job's grant is unknown, expired or revoked."""

    code = "grant_ended"
    status = 401


class MethodNotAllowed(NotAllowed):
    """The connection's rules allow no request of this method, or not to this path."""

    code = "method_not_allowed"
