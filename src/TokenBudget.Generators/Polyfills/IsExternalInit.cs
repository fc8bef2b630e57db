namespace System.Runtime.CompilerServices;

/// <summary>Init-only properties and records need this type, which netstandard2.0 lacks.</summary>
internal static class IsExternalInit;
