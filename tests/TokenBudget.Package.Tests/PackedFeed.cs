using System.IO.Compression;

namespace TokenBudget.Package.Tests;

/// <summary>A folder of packages packed from this checkout, under a version no other run has, with build output of its own.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenbudget-package-").FullName;

    /// <summary>The packages' version.</summary>
    public string Version { get; } = $"0.0.0-test.{Guid.NewGuid():N}";

    /// <summary>Where the packages lie.</summary>
    public string Folder => Path.Combine(_folder, "feed");

    /// <summary>A new empty folder that goes with the feed.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>A package, open for reading.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(Folder, $"{id}.{Version}.nupkg"));

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        foreach (var project in (string[])["TokenBudget.Tokenization", "TokenBudget", "TokenBudget.Sqlite"])
        {
            var (exitCode, output) = await DotNet.RunAsync(
                Repository.Root,
                "pack", $"src/{project}/{project}.csproj", "--configuration", "Release", "--output", Folder, "--nologo",
                $"-p:Version={Version}", $"-p:ArtifactsPath={Path.Combine(_folder, "artifacts")}", "-nodeReuse:false");
            exitCode.ShouldBe(0, output);
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}
