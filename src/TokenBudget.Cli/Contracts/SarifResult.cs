namespace TokenBudget.Cli.Contracts;

/// <summary>One result of a SARIF log.</summary>
/// <param name="Rule">Its rule.</param>
/// <param name="Message">What is said.</param>
/// <param name="Method">The method it is said of, in full.</param>
/// <param name="File">The file it is said of.</param>
/// <param name="Line">The line, from 1; null for a file without lines.</param>
/// <param name="Fingerprint">What stays the same from run to run.</param>
internal sealed record SarifResult(SarifRule Rule, string Message, string Method, string File, int? Line, string Fingerprint);
