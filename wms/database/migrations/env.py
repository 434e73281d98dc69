"""Runs the migrations in the transaction of the connection that wms.database.migrate hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
