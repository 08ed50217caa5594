"""Hosts delete the tickets that they were brought: also those that were registered before their role admitted it.

On PostgreSQL only. A trigger of Procrastinate looks into a table, in which nothing is, for each ticket that is deleted.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ADMIT = """
DO $$ DECLARE it text; BEGIN
    FOR it IN SELECT role_name FROM host JOIN pg_roles ON rolname = role_name WHERE state <> 'removed' LOOP
        EXECUTE format('GRANT SELECT (job_id), UPDATE (job_id) ON procrastinate.procrastinate_periodic_defers TO %I', it);
    END LOOP;
END $$
"""
"""Hosts that are registered later get it with their role (`pipeline.hosts.roles`)."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ADMIT)


def downgrade() -> None:
    """What a role may do goes with the role."""
