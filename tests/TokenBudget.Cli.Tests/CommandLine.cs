using System.Text;
using TokenBudget.Cli;

namespace TokenBudget.Cli.Tests;

/// <summary>Runs the tool in this process, in a folder of its own that is removed afterwards.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenbudget-");

    public CancellationToken Cancelled { get; init; }

    public TimeProvider Clock { get; init; } = new VirtualTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    public Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) => RunWithInputAsync([], arguments);

    public async Task<(int ExitCode, string Out, string Error)> RunWithInputAsync(byte[] input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CliApplication.RunAsync(arguments, new CliEnvironment
        {
            Input = new MemoryStream(input),
            Out = output,
            Error = error,
            Clock = Clock,
            Cancelled = Cancelled,
        });
        return (exitCode, output.ToString(), error.ToString());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
