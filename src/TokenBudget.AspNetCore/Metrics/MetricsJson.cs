using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace TokenBudget.AspNetCore.Metrics;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TokenMetrics))]
[JsonSerializable(typeof(CacheMetrics))]
[JsonSerializable(typeof(CostMetrics))]
[JsonSerializable(typeof(CacheCleared))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class MetricsJson : JsonSerializerContext;
