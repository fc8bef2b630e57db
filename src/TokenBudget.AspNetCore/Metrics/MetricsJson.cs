using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using TokenBudget.AspNetCore.Alerts;

namespace TokenBudget.AspNetCore.Metrics;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OverviewMetrics))]
[JsonSerializable(typeof(TokenMetrics))]
[JsonSerializable(typeof(CacheMetrics))]
[JsonSerializable(typeof(CostMetrics))]
[JsonSerializable(typeof(HistoryMetrics))]
[JsonSerializable(typeof(CacheCleared))]
[JsonSerializable(typeof(ConversationMetrics))]
[JsonSerializable(typeof(BudgetPaused))]
[JsonSerializable(typeof(BudgetResumed))]
[JsonSerializable(typeof(AlertMessage))]
[JsonSerializable(typeof(RecentAlerts))]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(MetricsNotice))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class MetricsJson : JsonSerializerContext;
