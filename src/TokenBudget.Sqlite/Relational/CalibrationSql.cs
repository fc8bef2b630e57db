using System.Data.Common;
using TokenBudget.Counting;

namespace TokenBudget.Relational;

/// <summary>The statements of a calibration store that SQLite and PostgreSQL both understand, with their parameters and rows.</summary>
/// <param name="prefix">What stands before a table's name: nothing, or a schema and a dot.</param>
internal sealed class CalibrationSql(string prefix)
{
    private readonly string _load = $"SELECT ratio, constant, samples FROM {prefix}calibrations WHERE model = @model AND scope = @scope";

    private readonly string _save = $"""
        INSERT INTO {prefix}calibrations (model, scope, ratio, constant, samples) VALUES (@model, @scope, @ratio, @constant, @samples)
        ON CONFLICT (model, scope) DO UPDATE SET ratio = excluded.ratio, constant = excluded.constant, samples = excluded.samples
        """;

    public void Load(DbCommand command, string model, string scope)
    {
        command.CommandText = _load;
        command.Add("@model", StoredText.Escape(model));
        command.Add("@scope", StoredText.Escape(scope));
    }

    /// <summary>The row of <see cref="Load"/>.</summary>
    public static CalibrationState StateOf(DbDataReader row, string model, string scope) =>
        new(model, scope, row.GetDouble(0), row.GetDouble(1), checked((int)row.GetInt64(2)));

    public void Save(DbCommand command, CalibrationState state)
    {
        command.CommandText = _save;
        command.Add("@model", StoredText.Escape(state.Model));
        command.Add("@scope", StoredText.Escape(state.Scope));
        command.Add("@ratio", state.Ratio);
        command.Add("@constant", state.Constant);
        command.Add("@samples", (long)state.Samples);
    }
}
