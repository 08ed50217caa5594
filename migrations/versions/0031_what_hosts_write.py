"""What a host may write is what one writes that says what is so: jobs end as their attempts did, and JSON can be read.

On PostgreSQL only, where hosts have credentials of their own (0022): a server that reads JSON which is nested a thousand deep, or
a number of five thousand digits, is stopped by it, and with it the work of all hosts.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PLAIN = r"""CREATE FUNCTION mediastead_is_plain(said json) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog
    AS $$ SELECT CASE
        WHEN NOT public.mediastead_is_host() THEN false
        WHEN said IS NULL THEN true
        WHEN octet_length(said::text) > 4000000 THEN false
        WHEN json_typeof(said) = 'null' THEN true
        WHEN json_typeof(said) <> 'object' THEN false
        WHEN said::text ~ '[0-9]{250}' THEN false
        ELSE NOT jsonb_path_exists(said::jsonb, 'strict $.**{40 to last}')
    END $$"""
"""Of a host: an object, with at most 4 MB, 40 levels and 250 digits of a number. What jsonb refuses, such as half a surrogate,
ends its statement. For all others, who need not this rule, nothing is looked at: PostgreSQL may ask all rules of a table."""

OWN = "host_id = mediastead_own_host()"
CURRENT = (
    "EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job.id AND mine.number = stage_job.attempt "
    "AND mine.host_id = mediastead_own_host())"
)
OWN_OUTPUT = (
    "(output IS NULL OR EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job.id "
    "AND mine.number = stage_job.attempt AND mine.directory = stage_job.output))"
)
AS_ITS_ATTEMPT = (
    "EXISTS (SELECT 1 FROM stage_job_attempt AS mine WHERE mine.job_id = stage_job.id AND mine.number = stage_job.attempt "
    "AND CASE mine.outcome "
    "WHEN 'completed' THEN state = 'completed' AND NOT settled AND output IS NOT NULL AND mine.asked_to_end IS NULL "
    "WHEN 'not_worth_it' THEN state = 'completed' AND NOT settled AND mine.asked_to_end IS NULL "
    "WHEN 'cancelled' THEN state = 'cancelled' AND NOT settled "
    "WHEN 'failed' THEN state = 'pending' WHEN 'stalled' THEN state = 'pending' "
    "WHEN 'lost' THEN state = 'queued' WHEN 'given_back' THEN state = 'queued' ELSE false END)"
)
"""A host changes a job only by ending its attempt, which it ends first, and to what follows from that (`jobs.settling`)."""
CURRENT_RUNS = f"USING (state = 'running' AND {CURRENT})"
TOLD_EVENT = "kind LIKE 'job.%' OR kind LIKE 'host.%'"

RULES: list[tuple[str, str, str, str, str]] = [
    # (table, policy, for what, before, from now on)
    (
        "stage_job",
        "own_update",
        "UPDATE",
        f"{CURRENT_RUNS} WITH CHECK ({CURRENT} AND {OWN_OUTPUT})",
        f"{CURRENT_RUNS} WITH CHECK ({CURRENT} AND {OWN_OUTPUT} AND {AS_ITS_ATTEMPT} AND mediastead_is_plain(result))",
    ),
    (
        "stage_job_attempt",
        "own_update",
        "UPDATE",
        f"USING ({OWN} AND outcome IS NULL) WITH CHECK ({OWN})",
        f"USING ({OWN} AND outcome IS NULL) WITH CHECK ({OWN} AND mediastead_is_plain(result))",
    ),
    (
        "host",
        "own_update",
        "UPDATE",
        "USING (id = mediastead_own_host())",
        "USING (id = mediastead_own_host()) WITH CHECK (id = mediastead_own_host() AND mediastead_is_plain(free_bytes))",
    ),
    (
        "host_capability",
        "own_all",
        "ALL",
        f"USING ({OWN})",
        f"USING ({OWN}) WITH CHECK ({OWN} AND mediastead_is_plain(detail))",
    ),
    (
        "event",
        "own_insert",
        "INSERT",
        f"WITH CHECK ({TOLD_EVENT})",
        f"WITH CHECK (({TOLD_EVENT}) AND mediastead_is_plain(data))",
    ),
]


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(PLAIN)
    for table, policy, what, _, rule in RULES:
        _say(table, policy, what, rule)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, policy, what, rule, _ in RULES:
        _say(table, policy, what, rule)
    op.execute("DROP FUNCTION mediastead_is_plain(json)")


def _say(table: str, policy: str, what: str, rule: str) -> None:
    op.execute(f"DROP POLICY {policy} ON {table}")
    op.execute(f"CREATE POLICY {policy} ON {table} FOR {what} {rule}")
