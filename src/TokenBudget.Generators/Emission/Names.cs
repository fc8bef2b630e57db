using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Emission;

/// <summary>Names the generated code uses, all from the global namespace, so that no type of the user's can stand in their way.</summary>
internal static class Names
{
    public const string AgentMethod = "global::" + WellKnownNames.AgentMethod;
    public const string AgentMethodPolicy = "global::" + WellKnownNames.AgentMethodPolicy;
    public const string ReplyFormat = "global::" + WellKnownNames.ReplyFormat;
    public const string ToolFunction = "global::" + WellKnownNames.ToolFunction;
    public const string AgentJson = "global::" + WellKnownNames.AgentJson;
    public const string JsonSerializerOptions = "global::" + WellKnownNames.JsonSerializerOptions;
    public const string Tool = "global::" + WellKnownNames.AITool;
    public const string ApprovalRequired = "global::" + WellKnownNames.ApprovalRequiredAIFunction;
    public const string ValueTask = "global::System.Threading.Tasks.ValueTask";
    public const string Runtime = "global::" + WellKnownNames.TokenBudgetRuntime;
    public const string ChatClient = "global::" + WellKnownNames.IChatClient;
    public const string ChatMessage = "global::" + WellKnownNames.ChatMessage;
    public const string CancellationToken = "global::" + WellKnownNames.CancellationToken;
    public const string ServiceCollection = "global::" + WellKnownNames.ServiceCollection;
    public const string AddTokenBudget = "global::" + WellKnownNames.TokenBudgetServiceCollectionExtensions + ".AddTokenBudget";
    public const string AddSingleton = "global::Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton";
    public const string TryAddSingleton =
        "global::Microsoft.Extensions.DependencyInjection.Extensions.ServiceCollectionDescriptorExtensions.TryAddSingleton";
    public const string GetRequiredService =
        "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService";
    public const string GetRequiredKeyedService =
        "global::Microsoft.Extensions.DependencyInjection.ServiceProviderKeyedServiceExtensions.GetRequiredKeyedService";
    public const string ThrowIfNull = "global::System.ArgumentNullException.ThrowIfNull";
    public const string AssemblyMetadata = "global::System.Reflection.AssemblyMetadata";
    public const string NotSupported = "global::System.NotSupportedException";

    /// <summary>A type as documentation refers to it.</summary>
    public static string Cref(string type) => type.Replace('<', '{').Replace('>', '}');

    /// <summary>JSON as a literal: it never has three quotes in a row, nor a line break.</summary>
    public static string Json(string json) => $"\"\"\"{json}\"\"\"";

    /// <summary>The attribute every generated class has.</summary>
    public static readonly string GeneratedCode =
        $"[global::System.CodeDom.Compiler.GeneratedCode(\"TokenBudget.Generators\", {SymbolDisplay.FormatLiteral(typeof(Names).Assembly.GetName().Version.ToString(), quote: true)})]";
}
