"""Until when credentials renew themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("credentials", sa.Column("grant_dies_at", sa.Float(), nullable=True))


def downgrade() -> None:

    op.drop_column("credentials", "grant_dies_at")
