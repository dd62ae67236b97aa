"""Grants for jobs, the audit log, and what others may do with a connection."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("writer", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("by", sa.String(length=300), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=True),
        sa.Column("connection", sa.String(length=63), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("service_id", sa.String(length=63), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=700), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("writer", "number", name=op.f("uq_audit_writer_number")),
    )
    op.create_index(op.f("ix_audit_actor"), "audit", ["actor"], unique=False)
    op.create_index(
        op.f("ix_audit_connection_id"), "audit", ["connection_id"], unique=False
    )
    op.create_index(op.f("ix_audit_owner"), "audit", ["owner"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("writer", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("base_digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("writer", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "notices",
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_notices_credential_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "credential_id", "kind", "ends_at", name=op.f("pk_notices")
        ),
    )
    op.create_table(
        "deployment_secrets",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployment_secrets")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("exposure", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.Column("last_used_at", sa.Float(), nullable=True),
        sa.Column("last_used_from", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("digest", name=op.f("uq_grants_digest")),
    )
    op.create_index(op.f("ix_grants_owner"), "grants", ["owner"], unique=False)
    op.create_table(
        "granted_connections",
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_granted_connections_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grants.id"],
            name=op.f("fk_granted_connections_grant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "grant_id", "connection_id", name=op.f("pk_granted_connections")
        ),
    )
    op.add_column("connections", sa.Column("lends_token", sa.Boolean(), nullable=True))
    op.add_column("connections", sa.Column("rules", sa.Text(), nullable=True))
    op.add_column("key_checks", sa.Column("noted_at", sa.Float(), nullable=True))


def downgrade() -> None:

    op.drop_column("key_checks", "noted_at")
    op.drop_column("connections", "rules")
    op.drop_column("connections", "lends_token")
    op.drop_table("granted_connections")
    op.drop_index(op.f("ix_grants_owner"), table_name="grants")
    op.drop_table("grants")
    op.drop_table("deployment_secrets")
    op.drop_table("notices")
    op.drop_table("audit_heads")
    op.drop_index(op.f("ix_audit_owner"), table_name="audit")
    op.drop_index(op.f("ix_audit_connection_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_actor"), table_name="audit")
    op.drop_table("audit")
