using System.Text;

namespace TokenBudget.Cli;

/// <summary>What the commands touch of the world besides files, so that a test runs them in its own process.</summary>
internal sealed record CliEnvironment
{
    public required Stream Input { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Cancels the command, beside Ctrl+C and the terminate signal.</summary>
    public CancellationToken Cancelled { get; init; }

    public static CliEnvironment OfProcess()
    {
        // Without a byte order mark: the output is meant to be piped.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliEnvironment { Input = Console.OpenStandardInput(), Out = Console.Out, Error = Console.Error };
    }
}
