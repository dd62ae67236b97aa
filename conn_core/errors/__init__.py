"""Every error of the product, in one tree.

::

    ConnectionsError                   never raised itself
    ├── InvalidInput                   what was typed cannot be accepted      422
    │   ├── NotEditable                                                       422
    │   └── HostNotAllowed             (also PermissionError)                 403
    ├── NotFound                       (also LookupError)                     404
    │   ├── ConnectionNotFound
    │   ├── ServiceNotFound
    │   ├── AuthorizationNotFound      an unknown or forgotten flow
    │   ├── GrantNotFound
    │   └── ScheduleNotFound
    ├── Conflict                                                              409
    │   ├── NameTaken
    │   ├── LimitReached               as many as one person may have
    │   ├── AmbiguousName              two other people share one of this name
    │   ├── CredentialsAtStake         a change would end live credentials
    │   ├── VersionConflict            somebody else changed it first
    │   └── InternalConnection
    ├── NotAllowed                     (also PermissionError)                 403
    │   ├── Sealed                     requests yes, a token no               403
    │   ├── MethodNotAllowed           the connection's rules                 403
    │   └── GrantEnded                 a job's grant                          401
    ├── NeedsPerson                    only somebody at a browser can mend it 409
    │   ├── AuthorizationRequired
    │   ├── AuthorizationEnded
    │   ├── AuthorizationFailed        this attempt: denied, expired, replayed 400
    │   ├── LoginUserRequired
    │   ├── ScopeMissing
    │   ├── RegistrationRequired       the client id of a service is missing
    │   └── InteractionRequired
    ├── ConnectionRevoked                                                     423
    │   └── ConnectionSuspended        its person is not here any more        423
    ├── TooManyAttempts                                                       429
    ├── ProviderError                  the other side refused                 424
    │   └── ProviderUnavailable        … or did not answer                    503
    ├── BrokerUnavailable                                                     503
    ├── StoreUnavailable               the database                           503
    │   ├── Tampered                   a sealed row was changed or moved
    │   └── AuditUnavailable           what must be written down cannot be
    ├── StoreLocked                    the master key                         503
    │   └── WrongKey
    ├── JobsUnavailable                no scheduler                           503
    └── MissingPackage                 (also ImportError)                     424

An error has a ``message`` (one sentence what, one why) and a ``hint`` (one
command). Over REST it travels as ``{"code", "message", "hint", "fields"}`` and
is raised again, the same class with the same words, on the other side.
"""

from ._base import ConnectionsError
from ._elsewhere import (
    AuditUnavailable,
    BrokerUnavailable,
    ConnectionRevoked,
    ConnectionSuspended,
    JobsUnavailable,
    MissingPackage,
    ProviderError,
    ProviderUnavailable,
    StoreLocked,
    StoreUnavailable,
    Tampered,
    TooManyAttempts,
    WrongKey,
)
from ._person import (
    AcceptanceRequired,
    AuthorizationEnded,
    AuthorizationFailed,
    AuthorizationRequired,
    InteractionRequired,
    LoginUserRequired,
    NeedsPerson,
    RegistrationRequired,
    ScopeMissing,
)
from ._reading import ERRORS_BY_CODE, error_from_json
from ._refused import (
    AmbiguousName,
    AuthorizationNotFound,
    Conflict,
    ConnectionNotFound,
    CredentialsAtStake,
    GrantEnded,
    GrantNotFound,
    HostNotAllowed,
    InternalConnection,
    InvalidInput,
    LimitReached,
    MethodNotAllowed,
    NameTaken,
    NotAllowed,
    NotEditable,
    NotFound,
    ScheduleNotFound,
    Sealed,
    ServiceNotFound,
    VersionConflict,
)

__all__ = [
    "ERRORS_BY_CODE",
    "AcceptanceRequired",
    "AmbiguousName",
    "AuditUnavailable",
    "AuthorizationEnded",
    "AuthorizationFailed",
    "AuthorizationNotFound",
    "AuthorizationRequired",
    "BrokerUnavailable",
    "Conflict",
    "ConnectionNotFound",
    "ConnectionRevoked",
    "ConnectionSuspended",
    "ConnectionsError",
    "CredentialsAtStake",
    "GrantEnded",
    "GrantNotFound",
    "HostNotAllowed",
    "InteractionRequired",
    "InternalConnection",
    "InvalidInput",
    "JobsUnavailable",
    "LimitReached",
    "LoginUserRequired",
    "MethodNotAllowed",
    "MissingPackage",
    "NameTaken",
    "NeedsPerson",
    "NotAllowed",
    "NotEditable",
    "NotFound",
    "ProviderError",
    "ProviderUnavailable",
    "RegistrationRequired",
    "ScheduleNotFound",
    "ScopeMissing",
    "Sealed",
    "ServiceNotFound",
    "StoreLocked",
    "StoreUnavailable",
    "Tampered",
    "TooManyAttempts",
    "VersionConflict",
    "WrongKey",
    "error_from_json",
]
