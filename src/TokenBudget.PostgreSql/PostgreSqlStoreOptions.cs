namespace TokenBudget.PostgreSql;

/// <summary>Where in the database the tables are.</summary>
public sealed record PostgreSqlStoreOptions
{
    /// <summary>
    /// The schema that holds the tables; created when it is not there and the user may create it. Lower-case letters, digits and underscores,
    /// not starting with a digit, at most 63. Stores with different schemas in one database know nothing of each other.
    /// </summary>
    public string Schema { get; init; } = "tokenbudget";
}
