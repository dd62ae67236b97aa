"""Alembic's entry: runs in the transaction that the store opened."""

from alembic import context

from conn_core.store._tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
