namespace TokenBudget.Generators;

/// <summary>The names of the pipeline's steps, by which a test sees which of them ran again.</summary>
internal static class TrackingNames
{
    /// <summary>What each file declares. A file that is added or edited is read; the others must not be.</summary>
    public const string Files = "Files";

    public const string Candidates = "Candidates";
    public const string Agents = "Agents";
    public const string PromptFiles = "PromptFiles";
    public const string ProjectSettings = "ProjectSettings";
    public const string Models = "Models";
    public const string Surroundings = "Surroundings";
    public const string Registrations = "Registrations";
    public const string Output = "Output";

    /// <summary>The steps that an edit of something else leaves as they were.</summary>
    public static readonly IReadOnlyList<string> All = [Candidates, Agents, PromptFiles, ProjectSettings, Models, Surroundings, Registrations, Output];
}
