namespace TokenBudget.PostgreSql;

/// <summary>Shared limits that notice when their tables were emptied or restored, and whose times go with a clock that is set back.</summary>
internal static class SharedLimitMemorySchema
{
    /// <summary>The rule is that of <c>ShareBook</c> in the runtime; one suite holds both to it. A process of the release before calls the first version of the function on the same tables.</summary>
    public static string Step(string schema) => $"""
        ALTER TABLE {schema}.shared_limits ADD COLUMN frozen_until bigint NOT NULL DEFAULT 0;

        -- No limit's name: what is escaped has its backslashes doubled. Its row says since when the tables remember; without it, they were emptied.
        INSERT INTO {schema}.shared_limits (name, heard_since, heard_last) VALUES (E'\\', 0, 0);

        CREATE FUNCTION {schema}.exchange_shares_v2(
            p_holder uuid, p_sequence bigint, p_lifetime bigint, p_lingers bigint, p_works_alone boolean,
            p_names text[], p_capacities bigint[], p_holds bigint[], p_wants bigint[], p_needs bigint[], p_alone bigint[], p_heard bigint[])
        RETURNS TABLE (o_amount bigint, o_alone bigint, o_fair bigint, o_holders bigint, o_contested boolean) LANGUAGE plpgsql AS $$
        DECLARE
            r_amount bigint[]; r_alone bigint[]; r_fair bigint[]; r_holders bigint[]; r_contested boolean[];
            v_own {schema}.limit_shares%ROWTYPE;
            v_first record;
            v_i bigint; v_name text; v_capacity bigint; v_holds bigint; v_wants bigint; v_needs bigint;
            v_emptied bigint; v_since bigint; v_last bigint; v_frozen bigint; v_now bigint;
            v_others bigint; v_others_alone bigint; v_lapsed bigint; v_count bigint; v_live bigint[];
            v_room bigint; v_fair bigint; v_starves bigint; v_contested boolean; v_amount bigint; v_alone bigint;
        BEGIN
            SELECT l.heard_since INTO v_emptied FROM {schema}.shared_limits AS l WHERE l.name = E'\\';
            v_now := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
            IF v_emptied IS NULL THEN
                INSERT INTO {schema}.shared_limits (name, heard_since, heard_last) VALUES (E'\\', v_now, v_now) ON CONFLICT (name) DO NOTHING;
                SELECT l.heard_since INTO v_emptied FROM {schema}.shared_limits AS l WHERE l.name = E'\\';
            END IF;

            -- Always in the same order, so that two processes never wait for each other.
            FOR v_i IN SELECT n.ord FROM unnest(p_names) WITH ORDINALITY AS n(name, ord) ORDER BY n.name COLLATE "C" LOOP
                v_name := p_names[v_i];
                v_capacity := p_capacities[v_i];
                v_holds := p_holds[v_i];
                SELECT l.heard_since, l.heard_last, l.frozen_until INTO v_since, v_last, v_frozen FROM {schema}.shared_limits AS l WHERE l.name = v_name FOR UPDATE;
                IF NOT FOUND THEN
                    INSERT INTO {schema}.shared_limits (name, heard_since, heard_last) VALUES (v_name, 0, 0) ON CONFLICT (name) DO NOTHING;
                    SELECT l.heard_since, l.heard_last, l.frozen_until INTO v_since, v_last, v_frozen FROM {schema}.shared_limits AS l WHERE l.name = v_name FOR UPDATE;
                END IF;
                v_now := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
                IF v_now < v_last THEN
                    -- The clock was set back: the times of the book go with it, so that nothing is over later for that.
                    UPDATE {schema}.limit_shares AS s SET expires = s.expires - (v_last - v_now),
                        starves_since = CASE WHEN s.starves_since = 0 THEN 0 ELSE s.starves_since - (v_last - v_now) END WHERE s.name = v_name;
                    v_since := v_since - (v_last - v_now);
                    v_frozen := v_frozen - (v_last - v_now);
                    v_last := v_now;
                END IF;
                -- One that leaps ahead looks like a long silence: everybody gets the time to come back.
                IF v_now - v_last > greatest(2000, p_lifetime) THEN
                    v_since := v_now;
                END IF;
                SELECT * INTO v_own FROM {schema}.limit_shares AS s WHERE s.name = v_name AND s.holder = p_holder;
                -- It has heard of an exchange that is not on record. Others may have too, and what those used who are gone counts for its minute.
                IF p_heard[v_i] > COALESCE(v_own.sequence, 0) THEN
                    v_frozen := greatest(v_frozen, v_now + p_lifetime + least(p_lingers, 60000));
                END IF;
                UPDATE {schema}.shared_limits AS l SET heard_since = v_since, heard_last = v_now, frozen_until = v_frozen WHERE l.name = v_name;
                DELETE FROM {schema}.limit_shares AS s
                    WHERE s.name = v_name AND s.holder <> p_holder AND greatest(s.expires, v_since) + s.lingers < v_now;

                SELECT COALESCE(SUM(o.taken), 0)::bigint, COALESCE(SUM(o.alone), 0)::bigint, COALESCE(SUM(o.taken) FILTER (WHERE o.lapsed), 0)::bigint,
                       COUNT(*), COALESCE(array_agg(o.wants) FILTER (WHERE NOT o.lapsed), ARRAY[]::bigint[])
                    INTO v_others, v_others_alone, v_lapsed, v_count, v_live
                    FROM (SELECT s.alone, s.wants, s.expires < v_now AS lapsed, CASE WHEN s.expires < v_now THEN greatest(s.amount, s.alone) ELSE s.amount END AS taken
                          FROM {schema}.limit_shares AS s WHERE s.name = v_name AND s.holder <> p_holder) AS o;
                v_count := v_count + 1;
                IF p_sequence <= v_own.sequence THEN
                    r_amount[v_i] := v_own.amount; r_alone[v_i] := p_alone[v_i]; r_fair[v_i] := v_capacity; r_holders[v_i] := v_count; r_contested[v_i] := false;
                    CONTINUE;
                END IF;

                v_wants := greatest(v_holds, least(p_wants[v_i], v_capacity));
                v_needs := least(p_needs[v_i], v_capacity);
                v_alone := CASE WHEN p_works_alone THEN greatest(0, least(v_capacity / v_count, v_capacity - v_others_alone)) ELSE 0 END;
                v_fair := v_capacity;
                v_starves := 0;
                -- The second: found without any memory. Who held something says so within the lifetime of a share.
                IF v_now < v_frozen OR (v_now >= v_emptied AND v_now < v_emptied + p_lifetime) THEN
                    v_contested := false;
                    v_amount := v_holds;
                    v_alone := least(v_alone, p_alone[v_i]);
                ELSE
                    v_room := greatest(0, v_capacity - v_lapsed);
                    v_contested := v_wants + COALESCE((SELECT SUM(w) FROM unnest(v_live) AS w), 0) > v_room;
                    IF v_contested THEN
                        v_fair := {schema}.share_level_v1(v_live || v_wants, v_room);
                        IF v_needs > v_fair THEN
                            v_starves := COALESCE(nullif(v_own.starves_since, 0), v_now);
                        END IF;
                        SELECT f.holder, f.needs INTO v_first
                            FROM (SELECT s.holder, s.needs, s.starves_since FROM {schema}.limit_shares AS s
                                  WHERE s.name = v_name AND s.holder <> p_holder AND s.expires >= v_now
                                  UNION ALL SELECT p_holder, v_needs, v_starves) AS f
                            WHERE f.starves_since <> 0 AND f.needs > v_fair ORDER BY f.starves_since, f.holder LIMIT 1;
                        IF FOUND AND v_first.holder = p_holder THEN
                            v_fair := v_needs;
                        ELSIF FOUND THEN
                            v_fair := {schema}.share_level_v1(
                                v_wants || COALESCE((SELECT array_agg(s.wants) FROM {schema}.limit_shares AS s
                                    WHERE s.name = v_name AND s.holder NOT IN (p_holder, v_first.holder) AND s.expires >= v_now), ARRAY[]::bigint[]),
                                greatest(0, v_room - v_first.needs));
                        END IF;
                    END IF;
                    v_amount := greatest(v_holds, least(v_wants, v_fair, v_holds + greatest(0, v_capacity - v_others - v_holds)));
                END IF;

                INSERT INTO {schema}.limit_shares AS s (name, holder, sequence, amount, alone, wants, needs, starves_since, expires, lingers)
                VALUES (v_name, p_holder, p_sequence, v_amount, greatest(v_alone, p_alone[v_i]), v_wants, v_needs, v_starves, v_now + p_lifetime, p_lingers)
                ON CONFLICT (name, holder) DO UPDATE SET
                    sequence = excluded.sequence, amount = excluded.amount, alone = excluded.alone, wants = excluded.wants, needs = excluded.needs,
                    starves_since = excluded.starves_since, expires = excluded.expires, lingers = excluded.lingers;
                r_amount[v_i] := v_amount; r_alone[v_i] := v_alone; r_fair[v_i] := v_fair; r_holders[v_i] := v_count; r_contested[v_i] := v_contested;
            END LOOP;
            RETURN QUERY SELECT * FROM unnest(r_amount, r_alone, r_fair, r_holders, r_contested);
        END $$;
        """;
}
