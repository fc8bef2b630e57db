using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0101: limits the rounds of a method with tools.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MethodRoundsCodeFix)), Shared]
public sealed class MethodRoundsCodeFix() : MethodSettingCodeFix("Allow 10 rounds of tool calls", "MaxRounds = 10", DiagnosticIds.UnlimitedRounds);
