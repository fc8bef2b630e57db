using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0102: limits the context to what the environment's default allows too.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HistoryPolicyCodeFix)), Shared]
public sealed class HistoryPolicyCodeFix() : MethodSettingCodeFix("Limit the context to 50,000 tokens", "MaxContextTokens = 50_000", DiagnosticIds.NoHistoryPolicy);
