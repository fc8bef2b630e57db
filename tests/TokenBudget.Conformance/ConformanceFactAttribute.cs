using Xunit;
using Xunit.Sdk;

namespace TokenBudget.Conformance;

/// <summary>A fact that looks at its class for a <see cref="RequirementAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("TokenBudget.Conformance.ConformanceFactDiscoverer", "TokenBudget.Conformance")]
public sealed class ConformanceFactAttribute : FactAttribute;
