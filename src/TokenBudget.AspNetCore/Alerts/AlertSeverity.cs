using System.Text.Json.Serialization;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>How soon somebody should look.</summary>
internal enum AlertSeverity
{
    /// <summary>Good to know.</summary>
    [JsonStringEnumMemberName("info")]
    Info,

    /// <summary>Soon something will be refused or slower.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Calls are refused now.</summary>
    [JsonStringEnumMemberName("critical")]
    Critical,
}
