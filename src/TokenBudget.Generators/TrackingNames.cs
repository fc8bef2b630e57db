namespace TokenBudget.Generators;

/// <summary>The names of the pipeline's steps, by which a test sees which of them ran again.</summary>
internal static class TrackingNames
{
    public const string Agents = "Agents";
    public const string Wrappers = "Wrappers";
    public const string PromptFiles = "PromptFiles";
    public const string ProjectSettings = "ProjectSettings";
    public const string Surroundings = "Surroundings";
    public const string Registrations = "Registrations";
    public const string Output = "Output";

    public static readonly IReadOnlyList<string> All = [Agents, Wrappers, PromptFiles, ProjectSettings, Surroundings, Registrations, Output];
}
