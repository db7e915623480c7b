"""PostgreSQL's way to enter sums: one message, so that whoever waits for an account waits for no answer to us.

What may not be, the constraints of the tables and the guards refuse, as they refuse whoever writes; then nothing is
done, and ``keys`` is null. Why, :mod:`fund.journal` says, which then enters the sums row by row under the lock. Put on
by a migration; one that changes the columns written here has to put it on again.
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION fund_post(
    day date, moment timestamptz, who bigint, asked jsonb,
    OUT lasts bigint[], OUT ids bigint[], OUT balances bigint[], OUT keys bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    here record;
    key bigint;
    holds bigint;
    numbers bigint[];
    held bigint[];
BEGIN
    FOR here IN SELECT * FROM JSONB_TO_RECORDSET(asked -> 'years')
        AS y(fund bigint, year int, vouchers int, used bigint)
    LOOP
        UPDATE fund_bookyear SET last = last + here.vouchers, used = used + here.used
        WHERE fund_id = here.fund AND year = here.year RETURNING last INTO STRICT key;
        lasts := lasts || key - here.vouchers;
    END LOOP;
    FOR here IN SELECT * FROM JSONB_TO_RECORDSET(asked -> 'accounts')
        AS a(fund bigint, kind varchar, source varchar, earmark varchar, change bigint)
    LOOP
        UPDATE fund_bookaccount SET balance = balance + here.change
        WHERE fund_id = here.fund AND kind = here.kind AND source = here.source AND earmark = here.earmark
        RETURNING id, balance INTO STRICT key, holds;
        ids := ids || key;
        balances := balances || holds - here.change;
    END LOOP;
    IF asked -> 'reservations' <> '[]' THEN
        FOR here IN SELECT * FROM JSONB_TO_RECORDSET(asked -> 'reservations')
            AS r(id bigint, unpaid bigint, spent bigint)
        LOOP
            UPDATE fund_reservation SET unpaid = unpaid + here.unpaid, spent = spent + here.spent
            WHERE id = here.id RETURNING id INTO STRICT key;
        END LOOP;
    END IF;
    INSERT INTO fund_monthtotal AS there (fund_id, year, month, act, source, earmark, use, amount, vouchers)
    SELECT * FROM JSONB_TO_RECORDSET(asked -> 'totals') AS t(
        fund_id bigint, year int, month int, act varchar, source varchar, earmark varchar, use varchar, amount bigint,
        vouchers bigint
    )
    ON CONFLICT (fund_id, year, month, act, source, earmark, use) DO UPDATE
    SET amount = there.amount + EXCLUDED.amount, vouchers = there.vouchers + EXCLUDED.vouchers;
    numbers := lasts;
    held := balances;
    FOR here IN SELECT * FROM JSONB_TO_RECORDSET(asked -> 'vouchers') AS v(
        fund bigint, act varchar, amount bigint, reservation bigint, reverses bigint, words varchar, below boolean,
        book int, taken int, given int
    ) LOOP
        numbers[here.book] := numbers[here.book] + 1;
        held[here.taken] := held[here.taken] - here.amount;
        held[here.given] := held[here.given] + here.amount;
        INSERT INTO fund_voucher (
            fund_id, year, number, act, "on", at, account, taken_id, given_id, amount, taken_balance, given_balance,
            reservation_id, reverses_id, upper_id, words
        ) VALUES (
            here.fund, EXTRACT(YEAR FROM day), numbers[here.book], here.act, day, moment, who, ids[here.taken],
            ids[here.given], here.amount, held[here.taken], held[here.given], here.reservation, here.reverses,
            CASE WHEN here.below THEN keys[CARDINALITY(keys)] END, here.words
        ) RETURNING id INTO key;
        keys := keys || key;
    END LOOP;
EXCEPTION WHEN integrity_constraint_violation OR no_data_found THEN
    keys := NULL;
END $$
"""
"""Rows are named in the order in which they are locked; ``book``, ``taken`` and ``given`` are places among them, from
1. It answers with the last number of each year and the balance of each account, both as before, and the vouchers' keys.
"""

DROP = "DROP FUNCTION fund_post(date, timestamptz, bigint, jsonb)"
