"""The next version beside this one on one database, and back again."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from replica_faults import asked, check_kept, expire, kernel_of

from conn_core import store as store_package
from conn_core.errors import StoreUnavailable
from conn_core.store import HEAD, Store

MIGRATIONS = Path(store_package.__file__).parent / "migrations"
NEXT = f"{int(HEAD) + 1:04}"
#: What the next version does to the tables: a column, an index and a table more.
MIGRATION = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"

def upgrade():
    op.add_column("credentials", sa.Column("mood", sa.Text(), nullable=True))
    op.create_index("ix_credentials_mood", "credentials", ["mood"])
    op.create_table("moods", sa.Column("id", sa.Text(), primary_key=True))

def downgrade():
    op.drop_table("moods")
    op.drop_index("ix_credentials_mood", "credentials")
    op.drop_column("credentials", "mood")
"""
#: What makes a process the next version: its number, its tables, its migrations.
NEXT_VERSION = """
import conn_core
from conn_core import store
from conn_core.store import _engine, _revision
conn_core.__version__ = "0.2.0"
store.HEAD = _engine.HEAD = {head!r}
_revision.__file__ = {file!r}
"""


@pytest.fixture
def next_migrations(tmp_path):
    """The folder with the migrations of the next version."""
    folder = tmp_path / "next" / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{NEXT}_moods.py").write_text(MIGRATION)
    return folder


@pytest.fixture
def of_next_version(next_migrations, patched):
    """The variable that lets a process be of the next version."""
    file = next_migrations.with_name("_revision.py")
    return patched(NEXT_VERSION.format(head=NEXT, file=str(file)))


def version_of(site):
    """Return of which version the tables are."""
    return store_package.revision_of(site.place.url)


def undo(site, migrations):
    """Take back what the next version did to the tables, as its own program would."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    engine = sa.create_engine(site.place.url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, HEAD)
    engine.dispose()


def test_F73_to_the_next_version_and_back_beside_each_other(
    replica_of, hub, site, of_next_version, next_migrations
):
    """Who runs goes on with newer tables; who starts refuses them, and says what helps.

    The old replica has asked often before: what it prepared must still fit. Fails when
    a statement takes all columns, when the old one writes on tables that it does not
    know, or when anything of the connection is lost on the way there or back.
    """
    old = replica_of("a")
    kernel_there = kernel_of(hub, "sam", port=old.port)
    for _ in range(8):
        assert 2 == asked(kernel_there).get("generation")
    assert HEAD == version_of(site)

    new = replica_of("b", **of_next_version)
    assert NEXT == version_of(site)
    kernel_here = kernel_of(hub, "sam", port=new.port)
    assert "0.2.0" == kernel_here.status().version
    for generation, kernel in [(3, kernel_there), (4, kernel_here), (5, kernel_there)]:
        expire(site)
        assert generation == asked(kernel).get("generation")
        assert generation == asked(kernel_here).get("generation")
        assert generation == asked(kernel_there).get("generation")

    old.stop()
    old.start(wait=False)
    assert 1 == old.ended()
    assert "The database was written by a newer version of this program" in old.log
    assert "Run pip install --upgrade jupyter-connections" in old.log
    assert "Traceback" not in old.log
    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.postgresql(site.place.url)
    assert NEXT == version_of(site)
    assert 5 == asked(kernel_here).get("generation")

    new.stop()
    kernel_here.close()
    kernel_there.close()
    undo(site, next_migrations)
    check_kept(site, generation=5, refreshes=4)
