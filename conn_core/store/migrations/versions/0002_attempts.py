"""Refreshes under way, and clients that a provider refuses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("credentials", sa.Column("attempt", sa.Integer(), nullable=True))
    op.add_column("credentials", sa.Column("attempt_at", sa.Float(), nullable=True))
    op.add_column(
        "credentials", sa.Column("attempt_by", sa.String(length=32), nullable=True)
    )
    op.add_column("registrations", sa.Column("refused_at", sa.Float(), nullable=True))
    op.add_column(
        "registrations",
        sa.Column("refused_because", sa.String(length=500), nullable=True),
    )


def downgrade() -> None:

    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_column("refused_because")
        batch_op.drop_column("refused_at")
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.drop_column("attempt_by")
        batch_op.drop_column("attempt_at")
        batch_op.drop_column("attempt")
