"""Who shares connections with whom, where they are used, and what searches need.

Connections that are there already stay their owners' alone.
"""

import json
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column(
        "connections", sa.Column("folded", sa.String(length=300), nullable=True)
    )
    op.add_column("credentials", sa.Column("missing_scopes", sa.Text(), nullable=True))
    op.add_column(
        "credentials", sa.Column("ended_by", sa.String(length=256), nullable=True)
    )
    op.create_index(op.f("ix_connections_link_name"), "connections", ["link_name"])
    op.create_index(
        op.f("ix_connections_folded_link_name"), "connections", ["folded", "link_name"]
    )
    op.create_table(
        "shares",
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("principal", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_shares_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "principal", name=op.f("pk_shares")),
    )
    op.create_index(op.f("ix_shares_principal"), "shares", ["principal"])
    op.create_table(
        "uses",
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_uses_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "connection_id", "person", "place", name=op.f("pk_uses")
        ),
    )
    _fold_names()
    _note_missing_scopes()


def _fold_names() -> None:
    database = op.get_bind()
    found = database.execute(sa.text("SELECT id, name FROM connections")).all()
    for connection_id, name in found:
        folded = unicodedata.normalize("NFKC", name).casefold().strip()[:300]
        database.execute(
            sa.text("UPDATE connections SET folded = :folded WHERE id = :id"),
            {"id": connection_id, "folded": folded},
        )


def _note_missing_scopes() -> None:
    database = op.get_bind()
    found = database.execute(
        sa.text(
            "SELECT credentials.id, scopes, asked_scopes, granted_scopes "
            "FROM credentials JOIN connections ON connections.id = connection_id "
            "WHERE scopes <> asked_scopes"
        )
    ).all()
    for credential_id, scopes, asked, granted in found:
        known = {*json.loads(asked), *json.loads(granted)}
        missing = [scope for scope in json.loads(scopes) if scope not in known]
        if missing:
            database.execute(
                sa.text("UPDATE credentials SET missing_scopes = :text WHERE id = :id"),
                {"id": credential_id, "text": json.dumps(missing)},
            )


def downgrade() -> None:

    # Not as a batch: see 0002.
    op.drop_table("uses")
    op.drop_table("shares")
    op.drop_index(op.f("ix_connections_folded_link_name"), "connections")
    op.drop_index(op.f("ix_connections_link_name"), "connections")
    op.drop_column("credentials", "ended_by")
    op.drop_column("credentials", "missing_scopes")
    op.drop_column("connections", "folded")
