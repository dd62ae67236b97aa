"""The domain of jupyter-connections: services, connections and who may use them.

Knows no Jupyter, no web server and no widget. Names are loaded when first used: a
kernel that only makes requests never pays for the database.
"""

from typing import TYPE_CHECKING

from ._on_demand import on_demand

if TYPE_CHECKING:
    from ._audience import audience, is_among, principals_in, typed_principals
    from ._audit_values import AuditLine, AuditReport
    from ._bundle import Bundle, bundle_text, read_bundle
    from ._drafts import (
        AuthorizationDraft,
        CheckDraft,
        ClientRegistration,
        ConnectionDraft,
        ConnectionEdit,
        PastedAddress,
        ShareDraft,
        read_draft,
    )
    from ._job_drafts import GrantDraft, ScheduleDraft
    from ._job_values import Grant, IssuedGrant, Need, Readiness, Schedule
    from ._names import closest, identifier_from, link_name_from
    from ._os_user import os_user
    from ._relay_limits import RelayLimits
    from ._rules import READ_ONLY, Rules
    from ._rules_draft import RulesDraft
    from ._secret import Secret
    from ._service_draft import ServiceDraft
    from ._services import CredentialField, Scope, Service, ServiceParameter
    from ._settings import Settings
    from ._snippet import LIBRARIES, libraries_for, snippet
    from ._toml import service_to_toml
    from ._values import (
        AccessToken,
        Authorization,
        BrokerStatus,
        Connection,
        Event,
        Page,
        ServiceProposal,
        TestResult,
        Use,
    )

__version__ = "0.1.0"

_HOME = {
    "_drafts": (
        "AuthorizationDraft",
        "CheckDraft",
        "ClientRegistration",
        "ConnectionDraft",
        "ConnectionEdit",
        "PastedAddress",
        "ShareDraft",
        "read_draft",
    ),
    "_audience": ("audience", "is_among", "principals_in", "typed_principals"),
    "_audit_values": ("AuditLine", "AuditReport"),
    "_job_drafts": ("GrantDraft", "ScheduleDraft"),
    "_job_values": ("Grant", "IssuedGrant", "Need", "Readiness", "Schedule"),
    "_names": ("closest", "identifier_from", "link_name_from"),
    "_os_user": ("os_user",),
    "_relay_limits": ("RelayLimits",),
    "_rules": ("READ_ONLY", "Rules"),
    "_rules_draft": ("RulesDraft",),
    "_secret": ("Secret",),
    "_service_draft": ("ServiceDraft",),
    "_services": ("CredentialField", "Scope", "Service", "ServiceParameter"),
    "_settings": ("Settings",),
    "_snippet": ("LIBRARIES", "libraries_for", "snippet"),
    "_bundle": ("Bundle", "bundle_text", "read_bundle"),
    "_toml": ("service_to_toml",),
    "_values": (
        "AccessToken",
        "Authorization",
        "BrokerStatus",
        "Connection",
        "Event",
        "Page",
        "ServiceProposal",
        "TestResult",
        "Use",
    ),
}

__all__ = [
    "LIBRARIES",
    "READ_ONLY",
    "AccessToken",
    "AuditLine",
    "AuditReport",
    "Authorization",
    "AuthorizationDraft",
    "BrokerStatus",
    "Bundle",
    "CheckDraft",
    "ClientRegistration",
    "Connection",
    "ConnectionDraft",
    "ConnectionEdit",
    "CredentialField",
    "Event",
    "Grant",
    "GrantDraft",
    "IssuedGrant",
    "Need",
    "Page",
    "PastedAddress",
    "Readiness",
    "RelayLimits",
    "Rules",
    "RulesDraft",
    "Schedule",
    "ScheduleDraft",
    "Scope",
    "Secret",
    "Service",
    "ServiceDraft",
    "ServiceParameter",
    "ServiceProposal",
    "Settings",
    "ShareDraft",
    "TestResult",
    "Use",
    "audience",
    "bundle_text",
    "closest",
    "identifier_from",
    "is_among",
    "libraries_for",
    "link_name_from",
    "os_user",
    "principals_in",
    "read_bundle",
    "read_draft",
    "service_to_toml",
    "snippet",
    "typed_principals",
]
__getattr__ = on_demand(__name__, _HOME)
