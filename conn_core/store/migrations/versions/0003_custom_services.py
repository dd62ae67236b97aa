"""Services that people describe, and registrations that servers make."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "services",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.add_column(
        "registrations",
        sa.Column("token_endpoint_auth_method", sa.String(length=40), nullable=True),
    )
    op.add_column(
        "registrations", sa.Column("secret_expires_at", sa.Float(), nullable=True)
    )


def downgrade() -> None:

    op.drop_column("registrations", "secret_expires_at")
    op.drop_column("registrations", "token_endpoint_auth_method")
    op.drop_table("services")
