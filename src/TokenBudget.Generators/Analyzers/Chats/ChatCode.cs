using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>
/// The members of a compilation that may have to do with models, bound once for all rules. Files and members without a word of the
/// trade are never bound: that is what keeps the rules cheap in large solutions.
/// </summary>
internal sealed class ChatCode
{
    private static readonly string[] TestFrameworks = ["xunit.core", "xunit.v3.core", "nunit.framework", "Microsoft.VisualStudio.TestPlatform.TestFramework"];

    /// <summary>Each rule is an analyzer of its own; this is where they meet. An entry lives as long as its compilation.</summary>
    private static readonly ConditionalWeakTable<Compilation, ChatCode> Compilations = new();

    private readonly ConcurrentDictionary<SyntaxTree, SemanticModel> _models = new();
    private readonly ConcurrentDictionary<SyntaxTree, IReadOnlyList<ChatMember>> _files = new();
    private readonly ConcurrentDictionary<SyntaxNode, ChatMember> _members = new();
    private readonly ConcurrentDictionary<SyntaxTree, RuleSettings> _settings = new();
    private readonly Compilation _compilation;
    private readonly AnalyzerConfigOptionsProvider _options;

    private ChatCode(Compilation compilation, AnalyzerConfigOptionsProvider options)
    {
        (_compilation, _options) = (compilation, options);
        IsTest = HasTestFramework(compilation);
        IsUsed = ChatApi.IsUsedBy(compilation);
        Reducers = new ClientReducers(compilation);
        Project = new ProjectFacts(compilation, SettingsFor);
    }

    /// <summary>Whether this is a test project, where histories are short.</summary>
    public bool IsTest { get; }

    /// <summary>Whether a chat library is referenced at all.</summary>
    public bool IsUsed { get; }

    public ClientReducers Reducers { get; }

    public ProjectFacts Project { get; }

    /// <summary>What is known of a compilation; the options are the same for all rules of a build.</summary>
    public static ChatCode Of(Compilation compilation, AnalyzerConfigOptionsProvider options) =>
        Compilations.TryGetValue(compilation, out var known) ? known : Compilations.GetValue(compilation, key => new ChatCode(key, options));

    /// <summary>What is set for a file.</summary>
    public RuleSettings SettingsFor(SyntaxTree tree) => _settings.GetOrAdd(tree, key => new RuleSettings(_options.GetOptions(key)));

    /// <summary>The members of a file that may have to do with models.</summary>
    public IReadOnlyList<ChatMember> MembersIn(SemanticModel model, CancellationToken cancellationToken)
    {
        _models.TryAdd(model.SyntaxTree, model);
        return MembersIn(model.SyntaxTree, cancellationToken);
    }

    /// <summary>The members of a type, and of its bases in this compilation, that may have to do with models.</summary>
    public IReadOnlyList<ChatMember> MembersOf(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        var members = new List<ChatMember>();
        for (var current = type; current is not null; current = current.BaseType)
        {
            foreach (var reference in current.DeclaringSyntaxReferences)
            {
                foreach (var member in MembersIn(reference.SyntaxTree, cancellationToken))
                    if (SymbolEqualityComparer.Default.Equals(member.Type, current) && !members.Contains(member))
                        members.Add(member);
            }
        }

        return members;
    }

    /// <summary>A method of this compilation, or the member a local function stands in; null if its source is elsewhere.</summary>
    public ChatMember? MemberOf(IMethodSymbol method, CancellationToken cancellationToken)
    {
        method = method.PartialImplementationPart ?? method;
        foreach (var reference in method.OriginalDefinition.DeclaringSyntaxReferences)
        {
            var node = reference.GetSyntax(cancellationToken);
            while (node is not null && !IsBody(node))
                node = node.Parent;
            if (node is not null)
                return Bind(node, cancellationToken);
        }

        return null;
    }

    /// <summary>Whether a method without a body has one in this compilation that shortens what it is given.</summary>
    public bool IsShortenedBehind(IMethodSymbol method)
    {
        if (!method.IsAbstract || method.DeclaringSyntaxReferences.Length == 0)
            return false;
        foreach (var other in _compilation.GetSymbolsWithName(method.Name, SymbolFilter.Member))
            if (other is IMethodSymbol { IsAbstract: false } implementation
                && implementation.Parameters.Length == method.Parameters.Length
                && Shrinking.IsDoneIn(implementation, default))
                return true;
        return false;
    }

    private static bool HasTestFramework(Compilation compilation)
    {
        foreach (var assembly in compilation.ReferencedAssemblyNames)
            if (Array.IndexOf(TestFrameworks, assembly.Name) >= 0)
                return true;
        return false;
    }

    private IReadOnlyList<ChatMember> MembersIn(SyntaxTree tree, CancellationToken cancellationToken)
    {
        if (_files.TryGetValue(tree, out var known))
            return known;
        if (!SourceWords.MayChat(tree, cancellationToken))
            return _files.GetOrAdd(tree, []);

        var root = tree.GetRoot(cancellationToken);
        var names = HolderNames(root, cancellationToken);
        var members = new List<ChatMember>();
        var others = new List<SyntaxNode>();
        foreach (var node in root.DescendantNodesAndSelf(static node => node is not (StatementSyntax or ExpressionSyntax)))
        {
            if (!IsBody(node))
                continue;
            if (!SourceWords.MayChat(node, names, cancellationToken))
                others.Add(node);
            else if (Bind(node, cancellationToken) is { } member)
                members.Add(member);
        }

        // What calls a method that sends need not have a word of the trade either.
        var senders = members.FindAll(static member => member.Sends.Count > 0).ConvertAll(static member => member.Symbol.Name);
        foreach (var node in others)
            if (SourceWords.Has(node, senders, cancellationToken) && Bind(node, cancellationToken) is { } caller)
                members.Add(caller);
        return _files.GetOrAdd(tree, members);
    }

    /// <summary>The names of fields and properties that hold messages: a member that uses one need not have a word of the trade.</summary>
    private static HashSet<string> HolderNames(SyntaxNode root, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>();
        foreach (var node in root.DescendantNodes(static node => node is not (StatementSyntax or ExpressionSyntax or BaseMethodDeclarationSyntax)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (node is FieldDeclarationSyntax { Declaration: var declaration } && SourceWords.MayChat(declaration.Type, [], cancellationToken))
                foreach (var variable in declaration.Variables)
                    names.Add(variable.Identifier.ValueText);
            else if (node is PropertyDeclarationSyntax property && SourceWords.MayChat(property.Type, [], cancellationToken))
                names.Add(property.Identifier.ValueText);
        }

        names.Remove("");
        return names;
    }

    /// <summary>What holds code of its own: everything inside it is one walk.</summary>
    private static bool IsBody(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax method => method.Body is not null || method.ExpressionBody is not null,
        AccessorDeclarationSyntax accessor => accessor.Body is not null || accessor.ExpressionBody is not null,
        ArrowExpressionClauseSyntax { Parent: BasePropertyDeclarationSyntax } => true,
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } or PropertyDeclarationSyntax } => true,
        CompilationUnitSyntax unit => unit.Members.Any(SyntaxKind.GlobalStatement),
        _ => false,
    };

    private ChatMember? Bind(SyntaxNode node, CancellationToken cancellationToken)
    {
        if (_members.TryGetValue(node, out var known))
            return known;
        var model = _models.GetOrAdd(node.SyntaxTree, tree => _compilation.GetSemanticModel(tree));
        var body = model.GetOperation(node, cancellationToken);
        var symbol = model.GetDeclaredSymbol(DeclarationOf(node), cancellationToken);
        return body is null || symbol is null ? null : _members.GetOrAdd(node, new ChatMember(symbol, body, this));
    }

    private static SyntaxNode DeclarationOf(SyntaxNode node) => node is ArrowExpressionClauseSyntax or EqualsValueClauseSyntax ? node.Parent! : node;
}
