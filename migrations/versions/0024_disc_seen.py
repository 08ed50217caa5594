"""Hosts say what discs they see, and nothing of other hosts or of the discs themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ADMIT = """
DO $$ DECLARE it text; BEGIN
    FOR it IN SELECT role_name FROM host JOIN pg_roles ON rolname = role_name WHERE state <> 'removed' LOOP
        EXECUTE format('GRANT INSERT ON disc_seen TO %I', it);
        EXECUTE format('GRANT USAGE ON SEQUENCE disc_seen_id_seq TO %I', it);
    END LOOP;
END $$
"""
"""Hosts that were registered before; later ones get it with their role (`pipeline.hosts.roles`)."""


def upgrade() -> None:
    op.create_table(
        "disc_seen",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("host_id", BIG, nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_disc_seen_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disc_seen")),
        sqlite_autoincrement=True,
    )
    op.add_column("host", sa.Column("read_again", sa.JSON(), nullable=True))
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE disc_seen ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY all_others ON disc_seen USING (NOT mediastead_is_host())")
    op.execute("CREATE POLICY own_insert ON disc_seen FOR INSERT WITH CHECK (host_id = mediastead_own_host())")
    op.execute(ADMIT)


def downgrade() -> None:
    op.drop_column("host", "read_again")
    op.drop_table("disc_seen")
