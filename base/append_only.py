"""Tables that only grow: the database itself refuses to change or remove a row, whoever asks.

A migration puts the guards on. On SQLite a later migration that rebuilds the table drops them with the old table and
has to put them on again; ``tests/base/test_append_only.py`` fails if it forgets.
"""

_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION only_grows()
    """,
    # Also in a session that calls itself a replica, in which ordinary triggers rest.
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_only_grows",
)
_SQLITE = (
    """
    CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} only grows: UPDATE is refused'); END
    """,
    """
    CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} only grows: DELETE is refused'); END
    """,
    # REPLACE removes the row in its way without asking the trigger on DELETE.
    """
    CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
    BEGIN SELECT RAISE(ABORT, '{table} only grows: REPLACE is refused'); END
    """,
)


def guards(vendor: str, table: str, key: str = "id") -> list[str]:
    """The statements that make ``table`` append-only on the engine ``vendor``.

    :param key: its primary key.
    """
    statements = _POSTGRESQL if vendor == "postgresql" else _SQLITE
    return [statement.format(table=table, key=key) for statement in statements]


def lifts(vendor: str, table: str) -> list[str]:
    """The statements that undo :func:`guards`: for taking the migration back, and for emptying a test database."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_only_grows ON {table}"]
    return [f"DROP TRIGGER IF EXISTS {table}_{name}" for name in ("no_update", "no_delete", "no_replace")]
