namespace TokenBudget.PostgreSql;

/// <summary>The function by which statements that go together lock their budgets.</summary>
internal static class BudgetLockSchema
{
    public static string Step(string schema) => $"""
        -- A statement takes its budgets in order, but of several in one transaction each takes its own: two such would wait for each other. So all are taken before, in order.
        CREATE FUNCTION {schema}.lock_budgets_v1(p_names text[], p_from bigint, p_until bigint, p_lines uuid[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM {schema}.budgets AS b
                JOIN (SELECT n.name, n.period, n.starts FROM {schema}.budgets AS n WHERE n.name = ANY (p_names) AND n.starts <= p_until AND n.ends > p_from
                      UNION
                      SELECT h.name, h.period, h.starts FROM {schema}.ledger AS l
                          CROSS JOIN LATERAL unnest(l.held_names, l.held_periods, l.held_starts) AS h(name, period, starts) WHERE l.id = ANY (p_lines)) AS k
                    ON b.name = k.name AND b.period = k.period AND b.starts = k.starts
                ORDER BY b.name COLLATE "C", b.period COLLATE "C", b.starts FOR UPDATE OF b;
        END $$;
        """;
}
