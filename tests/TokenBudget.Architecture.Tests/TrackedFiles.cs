using System.Diagnostics;

namespace TokenBudget.Architecture.Tests;

/// <summary>The files of the repository: what git tracks, or without git everything that is not build output.</summary>
internal static class TrackedFiles
{
    private static readonly string[] BuildOutput = [".git", ".artifacts", ".vs", ".idea", "bin", "obj", "TestResults"];

    public static IReadOnlyList<string> All { get; } = OfGit() ?? OfFolder();

    /// <summary>The text of a file, or <see langword="null"/> when it is not text or is gone from the folder.</summary>
    public static string? TextOf(string file)
    {
        var path = Repository.PathOf(file);
        if (!File.Exists(path))
            return null;
        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan(0, Math.Min(bytes.Length, 8_000)).Contains((byte)0) ? null : System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static List<string>? OfGit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
            _ = git.StandardError.ReadToEndAsync();
            var reading = git.StandardOutput.ReadToEndAsync();
            if (!git.WaitForExit(TimeSpan.FromMinutes(1)))
            {
                git.Kill();
                return null;
            }

            return git.ExitCode == 0 && reading.Result is { Length: > 0 } files ? [.. files.Split('\0', StringSplitOptions.RemoveEmptyEntries)] : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static List<string> OfFolder() =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(static path => !path.Split('/').Intersect(BuildOutput).Any()),
    ];
}
