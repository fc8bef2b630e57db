using TokenBudget.Costs;

namespace TokenBudget.PostgreSql;

/// <summary>The functions and triggers of pauses by hand: a line of the ledger pauses its budget for all processes, and for its later periods, until a later line approves.</summary>
internal static class BudgetPauseSchema
{
    private const int Approved = (int)LedgerOutcome.Approved;
    private const int Paused = (int)LedgerOutcome.Paused;

    public static string Step(string schema) => $"""
        CREATE INDEX ledger_pauses ON {schema}.ledger (budget, at) WHERE outcome = {Paused};

        -- A budget that is claimed for the first time in a period, and a pause of it, wait for each other: one of them sees what the other has done.
        CREATE FUNCTION {schema}.pause_budget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('tokenbudget.{schema}.pause.' || NEW.budget, 0));
            UPDATE {schema}.budgets AS b SET paused = true
                WHERE b.name = NEW.budget AND b.period = NEW.method AND b.starts <= NEW.at AND NEW.at < b.ends;
            RETURN NULL;
        END $$;
        CREATE TRIGGER pause_budget AFTER INSERT ON {schema}.ledger
            FOR EACH ROW WHEN (NEW.outcome = {Paused}) EXECUTE FUNCTION {schema}.pause_budget();

        CREATE FUNCTION {schema}.keep_pause() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            v_paused bigint;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('tokenbudget.{schema}.pause.' || NEW.name, 0));
            SELECT max(l.at) INTO v_paused FROM {schema}.ledger AS l WHERE l.outcome = {Paused} AND l.budget = NEW.name AND l.method = NEW.period;
            NEW.paused := NEW.paused OR (v_paused IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {schema}.ledger AS l WHERE l.outcome = {Approved} AND l.budget = NEW.name AND l.method = NEW.period AND l.at > v_paused));
            RETURN NEW;
        END $$;
        CREATE TRIGGER keep_pause BEFORE INSERT ON {schema}.budgets
            FOR EACH ROW EXECUTE FUNCTION {schema}.keep_pause();
        """;
}
