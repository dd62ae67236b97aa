"""Who has accepted to use what somebody else shares, and where it goes.

Whoever has used it already has begun to; nobody's job stops.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("credentials", sa.Column("hosts", sa.Text(), nullable=True))
    op.create_table(
        "acceptances",
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("hosts", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_acceptances_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "person", name=op.f("pk_acceptances")),
    )
    _note_hosts()
    _take_uses_for_acceptances()


def _note_hosts() -> None:
    database = op.get_bind()
    found = database.execute(sa.text("SELECT id, definition FROM credentials")).all()
    for credential_id, definition in found:
        hosts = json.dumps(json.loads(definition).get("api_hosts", []))
        database.execute(
            sa.text("UPDATE credentials SET hosts = :hosts WHERE id = :id"),
            {"id": credential_id, "hosts": hosts},
        )


def _take_uses_for_acceptances() -> None:
    op.get_bind().execute(
        sa.text(
            "INSERT INTO acceptances "
            "(connection_id, person, scopes, hosts, accepted_at) "
            "SELECT connections.id, uses.person, connections.scopes, "
            "credentials.hosts, min(uses.last_at) "
            "FROM uses JOIN connections ON connections.id = uses.connection_id "
            "JOIN credentials ON credentials.connection_id = connections.id "
            "AND credentials.holder = connections.owner "
            "WHERE uses.person <> connections.owner "
            "GROUP BY connections.id, uses.person, connections.scopes, "
            "credentials.hosts"
        )
    )


def downgrade() -> None:

    # Not as a batch: see 0002.
    op.drop_table("acceptances")
    op.drop_column("credentials", "hosts")
