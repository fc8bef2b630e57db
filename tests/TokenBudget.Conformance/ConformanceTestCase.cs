using Xunit.Abstractions;
using Xunit.Sdk;

namespace TokenBudget.Conformance;

/// <summary>A test case that is skipped when the requirement of its class is not met.</summary>
public sealed class ConformanceTestCase : XunitTestCase
{
    /// <summary>For the deserializer of xunit.</summary>
    [Obsolete("Called by the deserializer only.")]
    public ConformanceTestCase()
    {
    }

    /// <summary>Creates the case.</summary>
    public ConformanceTestCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method)
    {
    }

    /// <inheritdoc/>
    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        var requirement = TestMethod.TestClass.Class.GetCustomAttributes(typeof(RequirementAttribute)).OfType<ReflectionAttributeInfo>().FirstOrDefault();
        return (requirement?.Attribute as RequirementAttribute)?.Missing ?? base.GetSkipReason(factAttribute);
    }
}
