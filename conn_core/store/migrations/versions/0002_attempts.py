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

    # Not as a batch: that makes the table anew, and foreign keys cascade when the old
    # one is dropped.
    op.drop_column("registrations", "refused_because")
    op.drop_column("registrations", "refused_at")
    op.drop_column("credentials", "attempt_by")
    op.drop_column("credentials", "attempt_at")
    op.drop_column("credentials", "attempt")
