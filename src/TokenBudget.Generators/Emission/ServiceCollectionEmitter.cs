using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes the registration of a class.</summary>
internal static class ServiceCollectionEmitter
{
    public static void Emit(SourceWriter writer, AgentModel model, Surroundings surroundings, string generatedCode)
    {
        var visibility = model.IsPublic ? "public" : "internal";
        writer.Line();
        writer.Open("namespace Microsoft.Extensions.DependencyInjection");
        writer.Line($"/// <summary>Registers <see cref=\"{Qualified(model)}\"/>.</summary>");
        writer.Line(generatedCode);
        writer.Open($"{visibility} static partial class {ClassName(model, surroundings)}");
        if (model.Kind == AgentKind.Client)
            EmitClient(writer, model, visibility);
        else
            EmitWrapper(writer, model, visibility);
        writer.Close();
        writer.Close();
    }

    private static void EmitClient(SourceWriter writer, AgentModel model, string visibility)
    {
        writer.Line($"/// <summary>Adds <see cref=\"{model.Interface}\"/>, on the registered chat client, and the runtime.</summary>");
        writer.Line("/// <param name=\"services\">The services.</param>");
        writer.Open($"{visibility} static {Names.ServiceCollection} Add{model.ClassName}(this {Names.ServiceCollection} services)");
        writer.Line($"{Names.AddTokenBudget}(services);");
        EmitRegistration(writer, model, Names.ChatClient);
        writer.Close();
    }

    private static void EmitWrapper(SourceWriter writer, AgentModel model, string visibility)
    {
        const string Constructors = "[global::System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers("
            + "global::System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)]";
        writer.Line($"/// <summary>Adds <see cref=\"{model.Interface}\"/>, implemented by a type and kept within its budget, and the runtime.</summary>");
        writer.Line("/// <param name=\"services\">The services.</param>");
        writer.Line("/// <typeparam name=\"TImplementation\">The type; made once unless it is registered otherwise.</typeparam>");
        writer.Line($"{visibility} static {Names.ServiceCollection} Add{model.ClassName}<{Constructors} TImplementation>(");
        writer.Line($"    this {Names.ServiceCollection} services)");
        writer.Open($"    where TImplementation : class, {model.Interface}");
        writer.Line($"{Names.AddTokenBudget}(services);");
        writer.Line($"{Names.TryAddSingleton}<TImplementation>(services);");
        EmitRegistration(writer, model, "TImplementation");
        writer.Close();
    }

    private static void EmitRegistration(SourceWriter writer, AgentModel model, string first)
    {
        writer.Line($"{Names.AddSingleton}<{model.Interface}>(services, static provider => new {Qualified(model)}(");
        writer.Line($"    {Names.GetRequiredService}<{first}>(provider),");
        writer.Line($"    {Names.GetRequiredService}<{Names.Runtime}>(provider)));");
        writer.Line("return services;");
    }

    /// <summary>Nobody writes this name, except to say which of two agents of one name is meant; then it tells their namespaces.</summary>
    private static string ClassName(AgentModel model, Surroundings surroundings)
    {
        var name = model.ClassName + "ServiceCollectionExtensions";
        return surroundings.SharedNames.Contains(model.ClassName) && model.Namespace.Length > 0
            ? $"{model.Namespace.Replace("@", "").Replace('.', '_')}_{name}"
            : name;
    }

    private static string Qualified(AgentModel model) =>
        model.Namespace.Length == 0 ? $"global::{model.ClassName}" : $"global::{model.Namespace}.{model.ClassName}";
}
