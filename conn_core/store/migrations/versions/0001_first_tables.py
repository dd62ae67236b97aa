"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "connections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("link_name", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("service_id", sa.String(length=63), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("use_login_user_credentials", sa.Boolean(), nullable=False),
        sa.Column("exposure", sa.String(length=8), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.Column("revoked_by", sa.String(length=256), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("last_used_at", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint(
            "owner", "link_name", name=op.f("uq_connections_owner_link_name")
        ),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=True),
        sa.Column("service_id", sa.String(length=63), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=700), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_connection_id"), ["connection_id"], unique=False
        )

    op.create_table(
        "key_checks",
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_key_checks")),
    )
    op.create_table(
        "registrations",
        sa.Column("service_id", sa.String(length=63), nullable=False),
        sa.Column("client_id", sa.String(length=500), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("entered_by", sa.String(length=256), nullable=False),
        sa.Column("entered_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_registrations")),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=256), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_type", sa.String(length=40), nullable=False),
        sa.Column("asked_scopes", sa.Text(), nullable=False),
        sa.Column("granted_scopes", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=320), nullable=True),
        sa.Column("obtained_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("refreshable", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("forced_at", sa.Float(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_credentials_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint(
            "connection_id", "holder", name=op.f("uq_credentials_connection_id_holder")
        ),
    )
    op.create_table(
        "flows",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.String(length=2048), nullable=False),
        sa.Column("progress", sa.String(length=16), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=True),
        sa.Column("binding_hash", sa.String(length=64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("hop_hash", sa.String(length=64), nullable=True),
        sa.Column("hop_until", sa.Float(), nullable=True),
        sa.Column("hopped", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=700), nullable=True),
        sa.Column("account", sa.String(length=320), nullable=True),
        sa.Column("granted_scopes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_flows_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flows")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_flows_state_hash")),
    )
    op.create_table(
        "secrets",
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_secrets_credential_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_secrets")),
    )


def downgrade() -> None:

    op.drop_table("secrets")
    op.drop_table("flows")
    op.drop_table("credentials")
    op.drop_table("registrations")
    op.drop_table("key_checks")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_connection_id"))

    op.drop_table("events")
    op.drop_table("deployment")
    op.drop_table("connections")
