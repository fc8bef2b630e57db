using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class SensitiveTelemetryTests
{
    [Theory]
    [InlineData("a value from elsewhere", "builder.UseOpenTelemetry(c => c.EnableSensitiveData = text == \"Development\");")]
    [InlineData("a condition", "if (text == \"Development\") builder.UseOpenTelemetry(c => c.EnableSensitiveData = true);")]
    [InlineData("a condition inside", "builder.UseOpenTelemetry(c => { if (text == \"Development\") c.EnableSensitiveData = true; });")]
    [InlineData("what switches it off", "builder.UseOpenTelemetry(c => c.EnableSensitiveData = false);")]
    [InlineData("a property of the same name", "new Other().EnableSensitiveData = true;")]
    [InlineData("a debug build", "\n#if DEBUG || !TRACES\nbuilder.UseOpenTelemetry(c => c.EnableSensitiveData = true);\n#endif\n")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a setting", "{|TB0018:new OpenTelemetryChatClient().EnableSensitiveData = true|};")]
    [InlineData("a lambda", "builder.UseOpenTelemetry(c => {|TB0018:c.EnableSensitiveData = true|});")]
    [InlineData("a release build", "\n#if !DEBUG\nbuilder.UseOpenTelemetry(c => {|TB0018:c.EnableSensitiveData = true|});\n#endif\n")]
    [InlineData("an initializer", "_ = new OpenTelemetryChatClient { {|TB0018:EnableSensitiveData = true|} };")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<SensitiveTelemetryAnalyzer>($$"""
            class C
            {
                void M(ChatClientBuilder builder, string text)
                {
                    {{code}}
                }
            }

            class Other { public bool EnableSensitiveData { get; set; } }
            """, Stubs.Pipeline);
    }
}
