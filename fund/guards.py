"""What the database itself holds of the journal, on both engines: rows that only grow, vouchers that stay in their pot.

Put on by the first migration; one that rebuilds these tables on SQLite has to put them on again.
"""

from base.append_only import guards, lifts

GROW = ("fund_voucher", "fund_donation", "fund_journalseal")
"""Tables of the books that only grow; their key is ``id``."""

OF_APPLICATIONS = {
    "fund_fundregulation": ("fund_id", "since"),
    "fund_taken": ("application_id", "serial"),
    "fund_part": ("application_id", "person_id"),
    "fund_meeting": ("fund_id", "body", "minutes"),
    "fund_attendee": ("meeting_id", "person_id"),
    "fund_decision": ("application_id", "round"),
    "fund_noticeline": ("notice_id", "application_id"),
}
"""Tables of applications that only grow, with what is unique in them: what was done, decided and shown stays."""

OF_RELIEF = {"fund_reliefstep": ("relief_id", "serial")}
"""The same of applications for less dues."""

_ASTRAY = """
    NOT EXISTS (
        SELECT 1 FROM fund_bookaccount t JOIN fund_bookaccount g
            ON g.fund_id = t.fund_id AND g.source = t.source AND g.earmark = t.earmark
        WHERE t.id = NEW.taken_id AND g.id = NEW.given_id AND t.fund_id = NEW.fund_id
    ) OR (NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM fund_voucher o WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL
            AND o.taken_id = NEW.given_id AND o.given_id = NEW.taken_id AND o.amount = NEW.amount
    ))
"""
"""A voucher between two funds, sources or earmarks, or a reversal that is not the exact opposite of an original."""

_POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION fund_voucher_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_ASTRAY} THEN
            RAISE EXCEPTION 'fund_voucher goes astray' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER fund_voucher_stays BEFORE INSERT ON fund_voucher
    FOR EACH ROW EXECUTE FUNCTION fund_voucher_stays()
    """,
    "ALTER TABLE fund_voucher ENABLE ALWAYS TRIGGER fund_voucher_stays",
)

_REPLACED = {
    "fund_voucher": (
        "(fund_id = NEW.fund_id AND year = NEW.year AND number = NEW.number)"
        " OR reverses_id = NEW.reverses_id OR upper_id = NEW.upper_id"
    ),
    "fund_donation": "voucher_id = NEW.voucher_id OR (fund_id = NEW.fund_id AND receipt = NEW.receipt)",
    "fund_journalseal": "fund_id = NEW.fund_id AND year = NEW.year AND first = NEW.first",
}
"""Which rows besides that of its key SQLite's REPLACE would remove for a new one, unseen by the guard on DELETE."""

_NO_DOUBLE = """
    CREATE TRIGGER {table}_no_double BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
    BEGIN SELECT RAISE(ABORT, '{table} only grows: REPLACE is refused'); END
"""
_SQLITE = (
    f"""
    CREATE TRIGGER fund_voucher_stays BEFORE INSERT ON fund_voucher WHEN {_ASTRAY}
    BEGIN SELECT RAISE(ABORT, 'fund_voucher goes astray'); END
    """,
    *(_NO_DOUBLE.format(table=table, same=same) for table, same in _REPLACED.items()),
)  # fmt: skip


def guarding(vendor: str) -> list[str]:
    """The statements that put all guards on."""
    grow = [statement for table in GROW for statement in guards(vendor, table)]
    return [*grow, *(_POSTGRESQL if vendor == "postgresql" else _SQLITE)]


def lifting(vendor: str) -> list[str]:
    """The statements that take them off."""
    grow = [statement for table in GROW for statement in lifts(vendor, table)]
    if vendor == "postgresql":
        return [*grow, "DROP TRIGGER IF EXISTS fund_voucher_stays ON fund_voucher"]
    return [
        *grow,
        *(f"DROP TRIGGER IF EXISTS {table}_no_double" for table in GROW),
        "DROP TRIGGER IF EXISTS fund_voucher_stays",
    ]


def guarding_applications(vendor: str, tables: dict[str, tuple[str, ...]] = OF_APPLICATIONS) -> list[str]:
    """The statements that put the guards of ``tables`` on."""
    grow = [statement for table in tables for statement in guards(vendor, table)]
    if vendor == "postgresql":
        return grow
    same = {table: " AND ".join(f"{each} = NEW.{each}" for each in keys) for table, keys in tables.items()}
    return [*grow, *(_NO_DOUBLE.format(table=table, same=keys) for table, keys in same.items())]


def lifting_applications(vendor: str, tables: dict[str, tuple[str, ...]] = OF_APPLICATIONS) -> list[str]:
    """The statements that take them off."""
    grow = [statement for table in tables for statement in lifts(vendor, table)]
    if vendor == "postgresql":
        return grow
    return [*grow, *(f"DROP TRIGGER IF EXISTS {table}_no_double" for table in tables)]
