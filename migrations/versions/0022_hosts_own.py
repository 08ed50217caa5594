"""A host sees its own work in the database and nothing else: row level security, on PostgreSQL only.

Roles of hosts are known by their name (`pipeline.hosts.roles`). For all others nothing changes: they see every row of the tables
that they may use.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # The one who logged in, whatever role it has taken since.
    r"""CREATE FUNCTION mediastead_is_host() RETURNS boolean LANGUAGE sql STABLE
        AS $$ SELECT session_user LIKE 'mediastead\_host\_%' $$""",
    """CREATE FUNCTION mediastead_own_host() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
        AS $$ SELECT id FROM host WHERE role_name = session_user AND state <> 'removed' $$""",
)

OWN_ATTEMPT = "host_id = mediastead_own_host()"
CURRENT = (
    "EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job.id AND mine.number = stage_job.attempt "
    "AND mine.host_id = mediastead_own_host())"
)
"""The job's current attempt is this host's."""
OWN_OUTPUT = (
    "(output IS NULL OR EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job.id "
    "AND mine.number = stage_job.attempt AND mine.directory = stage_job.output))"
)
OWN_QUEUE = "queue_name LIKE 'host-' || mediastead_own_host() || '/%'"

POLICIES: dict[str, list[tuple[str, str]]] = {
    "host": [
        ("SELECT", "USING (id = mediastead_own_host())"),
        ("UPDATE", "USING (id = mediastead_own_host())"),
    ],
    "host_capability": [("ALL", f"USING ({OWN_ATTEMPT})")],
    "stage_job": [
        ("SELECT", f"USING ({CURRENT})"),
        # Only what runs: a host ends its attempt, and draws no other consequence.
        ("UPDATE", f"USING (state = 'running' AND {CURRENT}) WITH CHECK ({CURRENT} AND {OWN_OUTPUT})"),
    ],
    "stage_job_attempt": [
        ("SELECT", f"USING ({OWN_ATTEMPT})"),
        # What has ended stays as it ended.
        ("UPDATE", f"USING ({OWN_ATTEMPT} AND outcome IS NULL) WITH CHECK ({OWN_ATTEMPT})"),
    ],
    "stage_job_log": [
        (
            "INSERT",
            "WITH CHECK (EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job_log.job_id "
            "AND mine.number = stage_job_log.number AND mine.host_id = mediastead_own_host()))",
        )
    ],
    "event": [("INSERT", "WITH CHECK (kind LIKE 'job.%' OR kind LIKE 'host.%')")],
    "procrastinate.procrastinate_jobs": [("ALL", f"USING ({OWN_QUEUE})")],
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for function in FUNCTIONS:
        op.execute(function)
    for table, policies in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY all_others ON {table} USING (NOT mediastead_is_host())")
        for what, rule in policies:
            op.execute(f"CREATE POLICY own_{what.lower()} ON {table} FOR {what} {rule}")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, policies in POLICIES.items():
        for what, _ in policies:
            op.execute(f"DROP POLICY own_{what.lower()} ON {table}")
        op.execute(f"DROP POLICY all_others ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION mediastead_own_host()")
    op.execute("DROP FUNCTION mediastead_is_host()")
