"""What only somebody at a browser can mend."""

from ._base import ConnectionsError


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
