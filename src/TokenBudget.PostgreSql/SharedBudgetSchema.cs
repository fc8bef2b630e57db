using TokenBudget.Costs;

namespace TokenBudget.PostgreSql;

/// <summary>The tables, functions and triggers of budgets shared by processes.</summary>
/// <remarks>
/// What is taken of a budget is kept beside the ledger, so that nothing is summed before a request, and by triggers, so that it is true whoever writes a line: a process
/// of the release before as well. Functions end with their version; a released one never changes.
/// </remarks>
internal static class SharedBudgetSchema
{
    private const int Reserved = (int)LedgerOutcome.Reserved;
    private const int Unsettled = (int)LedgerOutcome.Unsettled;
    private const int Approved = (int)LedgerOutcome.Approved;

    public static string Step(string schema) => $"""
        -- One row per budget and period. The period is part of the key: nothing is ever reset.
        CREATE TABLE {schema}.budgets (
            name     text COLLATE "C" NOT NULL,
            period   text COLLATE "C" NOT NULL,
            starts   bigint NOT NULL,
            ends     bigint NOT NULL,
            taken    bigint NOT NULL,
            approved bigint NOT NULL,
            paused   boolean NOT NULL DEFAULT false,
            PRIMARY KEY (name, period, starts)
        ) WITH (fillfactor = 50);

        -- Who is there; a process whose time is over has ended.
        CREATE TABLE {schema}.processes (
            holder  uuid PRIMARY KEY,
            expires timestamptz NOT NULL
        ) WITH (fillfactor = 50);

        ALTER TABLE {schema}.ledger
            ADD COLUMN holder uuid,
            ADD COLUMN held_names text[],
            ADD COLUMN held_periods text[],
            ADD COLUMN held_starts bigint[];
        CREATE INDEX ledger_reserved ON {schema}.ledger (holder) WHERE outcome = {Reserved};

        CREATE FUNCTION {schema}.settle_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            v_change bigint := -OLD.cost;
            v_key record;
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                v_change := v_change + NEW.cost;
            END IF;
            IF v_change <> 0 THEN
                -- In the order in which they are claimed, so that nobody waits for each other.
                FOR v_key IN SELECT * FROM unnest(OLD.held_names, OLD.held_periods, OLD.held_starts) AS k(name, period, starts)
                             ORDER BY k.name COLLATE "C", k.period COLLATE "C", k.starts LOOP
                    UPDATE {schema}.budgets AS b SET taken = b.taken + v_change
                        WHERE b.name = v_key.name AND b.period = v_key.period AND b.starts = v_key.starts;
                END LOOP;
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER settle_budgets AFTER UPDATE OF cost ON {schema}.ledger
            FOR EACH ROW WHEN (OLD.outcome IN ({Reserved}, {Unsettled})) EXECUTE FUNCTION {schema}.settle_budgets();
        CREATE TRIGGER release_budgets AFTER DELETE ON {schema}.ledger
            FOR EACH ROW WHEN (OLD.outcome = {Reserved}) EXECUTE FUNCTION {schema}.settle_budgets();

        CREATE FUNCTION {schema}.approve_budget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE {schema}.budgets AS b SET approved = b.approved + NEW.cost, paused = false
                WHERE b.name = NEW.budget AND b.period = NEW.method AND b.starts <= NEW.at AND NEW.at < b.ends;
            RETURN NULL;
        END $$;
        CREATE TRIGGER approve_budget AFTER INSERT ON {schema}.ledger
            FOR EACH ROW WHEN (NEW.outcome = {Approved}) EXECUTE FUNCTION {schema}.approve_budget();

        -- A request that nobody has written ahead: a process of the release before sent it.
        CREATE FUNCTION {schema}.spend_budget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE {schema}.budgets AS b SET taken = b.taken + NEW.cost
                WHERE b.name = NEW.budget AND b.starts <= NEW.at AND NEW.at < b.ends;
            RETURN NULL;
        END $$;
        CREATE TRIGGER spend_budget AFTER INSERT ON {schema}.ledger
            FOR EACH ROW WHEN (NEW.held_names IS NULL AND NEW.cost <> 0 AND NEW.outcome IN ({(int)LedgerOutcome.Completed}, {(int)LedgerOutcome.Cancelled}, {(int)LedgerOutcome.Failed}))
            EXECUTE FUNCTION {schema}.spend_budget();

        CREATE FUNCTION {schema}.reserve_v1(
            p_holder uuid, p_id uuid, p_at bigint, p_agent text, p_method text, p_model text, p_budget text, p_tenant text, p_amount bigint,
            p_names text[], p_periods text[], p_starts bigint[], p_ends bigint[], p_limits bigint[], p_pauses boolean[], p_spent bigint[], p_approved bigint[])
        RETURNS TABLE (o_taken bigint, o_approved bigint, o_paused boolean, o_refuses boolean) LANGUAGE plpgsql AS $$
        DECLARE
            r_taken bigint[]; r_approved bigint[]; r_paused boolean[]; r_refuses boolean[];
            v_row {schema}.budgets%ROWTYPE;
            v_i bigint;
            v_refused boolean := false;
            v_there boolean;
        BEGIN
            v_there := EXISTS (SELECT 1 FROM {schema}.ledger AS l WHERE l.id = p_id);
            FOR v_i IN SELECT n.ord FROM unnest(p_names, p_periods, p_starts) WITH ORDINALITY AS n(name, period, starts, ord)
                       ORDER BY n.name COLLATE "C", n.period COLLATE "C", n.starts LOOP
                SELECT * INTO v_row FROM {schema}.budgets AS b WHERE b.name = p_names[v_i] AND b.period = p_periods[v_i] AND b.starts = p_starts[v_i] FOR UPDATE;
                IF NOT FOUND THEN
                    INSERT INTO {schema}.budgets (name, period, starts, ends, taken, approved)
                        VALUES (p_names[v_i], p_periods[v_i], p_starts[v_i], p_ends[v_i], p_spent[v_i], p_approved[v_i]) ON CONFLICT DO NOTHING;
                    SELECT * INTO v_row FROM {schema}.budgets AS b WHERE b.name = p_names[v_i] AND b.period = p_periods[v_i] AND b.starts = p_starts[v_i] FOR UPDATE;
                END IF;
                r_refuses[v_i] := NOT v_there AND (v_row.paused
                    OR v_row.taken::numeric + p_amount > COALESCE(p_limits[v_i]::numeric + v_row.approved, 9223372036854775807));
                IF r_refuses[v_i] THEN
                    v_refused := true;
                    IF p_pauses[v_i] AND NOT v_row.paused THEN
                        UPDATE {schema}.budgets AS b SET paused = true WHERE b.name = p_names[v_i] AND b.period = p_periods[v_i] AND b.starts = p_starts[v_i];
                        v_row.paused := true;
                    END IF;
                END IF;
                r_taken[v_i] := v_row.taken; r_approved[v_i] := v_row.approved; r_paused[v_i] := v_row.paused;
            END LOOP;

            IF NOT v_there AND NOT v_refused THEN
                INSERT INTO {schema}.ledger (id, at, agent, method, model, budget, tenant, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
                                             cost, is_estimate, holder, held_names, held_periods, held_starts)
                    VALUES (p_id, p_at, p_agent, p_method, p_model, p_budget, p_tenant, {Reserved}, 0, 0, 0, 0, 0, 0, p_amount, true, p_holder, p_names, p_periods, p_starts)
                    ON CONFLICT (id) DO NOTHING;
                IF FOUND THEN
                    UPDATE {schema}.budgets AS b SET taken = b.taken + p_amount
                        FROM unnest(p_names, p_periods, p_starts) AS k(name, period, starts)
                        WHERE b.name = k.name AND b.period = k.period AND b.starts = k.starts;
                    FOR v_i IN 1 .. cardinality(p_names) LOOP
                        r_taken[v_i] := r_taken[v_i] + p_amount;
                    END LOOP;
                END IF;
            END IF;
            RETURN QUERY SELECT * FROM unnest(r_taken, r_approved, r_paused, r_refuses);
        END $$;

        -- Says that a process is there, and settles at the worst case what others have left behind that are not.
        CREATE FUNCTION {schema}.beat_v1(p_holder uuid, p_lifetime interval) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE
            v_found bigint;
        BEGIN
            INSERT INTO {schema}.processes (holder, expires) VALUES (p_holder, clock_timestamp() + p_lifetime)
                ON CONFLICT (holder) DO UPDATE SET expires = excluded.expires;
            UPDATE {schema}.ledger AS l SET outcome = {Unsettled}
                WHERE l.outcome = {Reserved} AND l.holder IS DISTINCT FROM p_holder
                  AND NOT EXISTS (SELECT 1 FROM {schema}.processes AS p WHERE p.holder = l.holder AND p.expires >= clock_timestamp());
            GET DIAGNOSTICS v_found = ROW_COUNT;
            DELETE FROM {schema}.processes AS p WHERE p.expires < clock_timestamp() - interval '1 day';
            RETURN v_found;
        END $$;
        """;
}
