"""Hosts are asked to open a drive, and see only what they are asked themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ADMIT = """
DO $$ DECLARE it text; BEGIN
    FOR it IN SELECT role_name FROM host JOIN pg_roles ON rolname = role_name WHERE state <> 'removed' LOOP
        EXECUTE format('GRANT SELECT (id, host_id, source, until, taken_at, ended_at), UPDATE (taken_at, ended_at, error) '
            'ON drive_order TO %I', it);
    END LOOP;
END $$
"""
"""Hosts that were registered before; later ones get it with their role (`pipeline.hosts.roles`)."""


def upgrade() -> None:
    op.create_table(
        "drive_order",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("host_id", BIG, nullable=False),
        sa.Column("disc_id", BIG, nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_drive_order_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["disc_id"], ["disc.id"], name=op.f("fk_drive_order_disc_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drive_order")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE drive_order ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY all_others ON drive_order USING (NOT mediastead_is_host())")
    op.execute("CREATE POLICY own_select ON drive_order FOR SELECT USING (host_id = mediastead_own_host())")
    # What has ended stays as it ended.
    op.execute(
        "CREATE POLICY own_update ON drive_order FOR UPDATE USING (host_id = mediastead_own_host() AND ended_at IS NULL) "
        "WITH CHECK (host_id = mediastead_own_host())"
    )
    op.execute(ADMIT)


def downgrade() -> None:
    op.drop_table("drive_order")
