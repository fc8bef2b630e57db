namespace TokenBudget.Cli;

/// <summary>A command cannot go on; the message is for the user and is all they see.</summary>
internal sealed class CliException(string message) : Exception(message);
