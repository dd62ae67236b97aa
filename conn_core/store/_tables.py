"""The tables. Moments are seconds since 1970 (UTC), lists and maps are JSON texts.

Secrets live in tables of their own, so that lists never touch them. Nothing here is
readable without the vault but names, states and times.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.Float, nullable=False),
)

#: A constant sealed under each master key: tells *wrong key* from *damaged row*.
#: ``noted_at`` is when the store first heard of the key.
key_checks = sa.Table(
    "key_checks",
    metadata,
    sa.Column("kid", sa.String(32), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("noted_at", sa.Float),
)

#: ``token_endpoint_auth_method`` is there where a server that made the registration
#: wants another one than the service says (RFC 7591 3.2.1).
#: ``refused_at`` and the reason are there while the provider refuses the client itself:
#: then nobody asks for a while, and no credential is to blame.
registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("service_id", sa.String(63), primary_key=True),
    sa.Column("client_id", sa.String(500), nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary),
    sa.Column("entered_by", sa.String(256), nullable=False),
    sa.Column("entered_at", sa.Float, nullable=False),
    sa.Column("token_endpoint_auth_method", sa.String(40)),
    sa.Column("secret_expires_at", sa.Float),
    sa.Column("refused_at", sa.Float),
    sa.Column("refused_because", sa.String(500)),
)

#: What people described here. ``definition`` is the service without what only we
#: answer; ``searched`` is what a search looks through.
services = sa.Table(
    "services",
    metadata,
    sa.Column("id", sa.String(63), primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("category", sa.String(200), nullable=False),
    sa.Column("searched", sa.Text, nullable=False),
    sa.Column("owner", sa.String(256), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
)

#: ``folded`` is the name as names are compared, searched and sorted. ``lends_token``: its
#: owner lets others have the token itself, where the operator does, too. ``rules`` are
#: the methods and paths that requests may have; none means any.
connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(256), nullable=False),
    sa.Column("link_name", sa.String(63), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("service_id", sa.String(63), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("use_login_user_credentials", sa.Boolean, nullable=False),
    sa.Column("exposure", sa.String(8), nullable=False),
    sa.Column("internal", sa.Boolean, nullable=False),
    sa.Column("revoked_at", sa.Float),
    sa.Column("revoked_by", sa.String(256)),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("last_used_at", sa.Float),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("folded", sa.String(300)),
    sa.Column("lends_token", sa.Boolean),
    sa.Column("rules", sa.Text),
    sa.UniqueConstraint("owner", "link_name"),
    sa.Index(None, "folded", "link_name"),
)

#: Who may use a connection beside its owner: ``*``, ``user:NAME``.
shares = sa.Table(
    "shares",
    metadata,
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("principal", sa.String(256), primary_key=True, index=True),
)

#: Who accepted to use what somebody else shares, and what they were shown of it: the
#: scopes, and the hosts that requests go to.
acceptances = sa.Table(
    "acceptances",
    metadata,
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("person", sa.String(256), primary_key=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("hosts", sa.Text, nullable=False),
    sa.Column("accepted_at", sa.Float, nullable=False),
)

#: Where a connection is used: a notebook or job, empty where nobody said.
uses = sa.Table(
    "uses",
    metadata,
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("person", sa.String(256), primary_key=True),
    sa.Column("place", sa.String(300), primary_key=True),
    sa.Column("last_at", sa.Float, nullable=False),
)

#: What a person's authorization produced, all but the secrets. ``definition`` is the
#: service as it was authorized: an edited service never changes where a live
#: credential goes. ``generation`` grows with each refresh and is what writers compare.
#: ``attempt`` is the generation that somebody has asked the provider for without an
#: answer yet: written before the question, and taken back by whatever settles it.
#: ``grant_dies_at`` is when nothing renews it any more, where the provider said so.
#: ``missing_scopes`` are those that the connection asks for and nobody consented to.
#: ``ended_by`` is who ended the grant from here; the provider did where there is none.
#: ``hosts`` are those of the definition: where requests go, for whoever is asked first.
credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("holder", sa.String(256), nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("token_type", sa.String(40), nullable=False),
    sa.Column("asked_scopes", sa.Text, nullable=False),
    sa.Column("granted_scopes", sa.Text, nullable=False),
    sa.Column("account", sa.String(320)),
    sa.Column("obtained_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float),
    sa.Column("refreshable", sa.Boolean, nullable=False),
    sa.Column("grant_dies_at", sa.Float),
    sa.Column("lease_owner", sa.String(32)),
    sa.Column("lease_until", sa.Float),
    sa.Column("forced_at", sa.Float),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("retry_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("ended_because", sa.String(500)),
    sa.Column("attempt", sa.Integer),
    sa.Column("attempt_at", sa.Float),
    sa.Column("attempt_by", sa.String(32)),
    sa.Column("missing_scopes", sa.Text),
    sa.Column("ended_by", sa.String(256)),
    sa.Column("hosts", sa.Text),
    sa.UniqueConstraint("connection_id", "holder"),
)

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column(
        "credential_id",
        sa.ForeignKey(credentials.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

#: One attempt to authorize. State and binding are kept as SHA-256, the PKCE verifier
#: and whatever else is needed to finish sealed. ``device`` is what a person must know
#: who types a code elsewhere, and when to ask the provider next. ``progress`` is ``pending``, ``exchanging``, or one of the final states.
flows = sa.Table(
    "flows",
    metadata,
    sa.Column("id", sa.String(43), primary_key=True),
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("person", sa.String(256), nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.String(2048), nullable=False),
    sa.Column("progress", sa.String(16), nullable=False),
    sa.Column("state_hash", sa.String(64), unique=True),
    sa.Column("binding_hash", sa.String(64)),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("device", sa.Text),
    sa.Column("hop_hash", sa.String(64)),
    sa.Column("hop_until", sa.Float),
    sa.Column("hopped", sa.Boolean, nullable=False),
    sa.Column("error", sa.String(700)),
    sa.Column("account", sa.String(320)),
    sa.Column("granted_scopes", sa.Text),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("actor", sa.String(256), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("connection_id", sa.String(32), index=True),
    sa.Column("service_id", sa.String(63)),
    sa.Column("result", sa.String(40), nullable=False),
    sa.Column("detail", sa.String(700), nullable=False),
)

#: A permission for a job. Its bearer is kept as SHA-256 only.
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("owner", sa.String(256), nullable=False, index=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("exposure", sa.String(8), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("revoked_at", sa.Float),
    sa.Column("last_used_at", sa.Float),
    sa.Column("last_used_from", sa.String(300)),
)

#: What a grant may use.
granted_connections = sa.Table(
    "granted_connections",
    metadata,
    sa.Column(
        "grant_id", sa.ForeignKey(grants.c.id, ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "connection_id",
        sa.ForeignKey(connections.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
)

#: What was done with credentials; it outlives the connections it speaks of. ``number``
#: is the writer's own count, ``digest`` an HMAC over the line and the writer's digest
#: before it.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("writer", sa.String(32), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("actor", sa.String(256), nullable=False, index=True),
    sa.Column("by", sa.String(300), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("connection_id", sa.String(32), index=True),
    sa.Column("connection", sa.String(63), nullable=False),
    sa.Column("owner", sa.String(256), nullable=False, index=True),
    sa.Column("service_id", sa.String(63), nullable=False),
    sa.Column("place", sa.String(300), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("path", sa.String(500), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("milliseconds", sa.Integer),
    sa.Column("result", sa.String(40), nullable=False),
    sa.Column("detail", sa.String(700), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.UniqueConstraint("writer", "number"),
)

#: Where each writer's chain ends, so that a tail that was cut off is missed; and after
#: which line it begins since older ones were trimmed, so that nothing else is.
audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("writer", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("base_digest", sa.String(64), nullable=False),
    sa.Column("signature", sa.String(64), nullable=False),
)

#: Of which end of which credential people were told: once, whoever tells.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column(
        "credential_id",
        sa.ForeignKey(credentials.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("ends_at", sa.Float, primary_key=True),
    sa.Column("told_at", sa.Float, nullable=False),
)

#: Keys of the deployment's own, such as that of the audit log, sealed by the vault.
deployment_secrets = sa.Table(
    "deployment_secrets",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
