using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>Pairs of requests that differ in exactly one field must never share a key.</summary>
public sealed class CacheKeyPropertyTests
{
    private static readonly string[] Alphabet = ["", "a", "b", "|", "a|", "\0", "é", "\uD83D", "😀", "null", "{", "\"", ",", "0"];

    [Fact]
    public void Requests_that_differ_in_one_field_have_different_keys()
    {
        var pairs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 1_000_000 : 20_000;
        using var builder = new CacheKeyBuilder();
        for (var seed = 0; seed < pairs; seed++)
        {
            var random = new Random(seed);
            var one = Request.Make(random);
            var two = one.Copy();
            var field = two.Change(random);
            var key = one.Key(builder);
            key.ShouldBe(one.Copy().Key(builder), $"seed {seed}");
            if (key == two.Key(builder))
                Assert.Fail($"seed {seed}: requests that differ in {field} have one key");
        }
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));

    private static string Other(Random random, string? than)
    {
        while (true)
            if (Text(random) is var text && text != than)
                return text;
    }

    private sealed class Request
    {
        public string? Scope;
        public string Agent = "", Method = "";
        public List<List<string?>> Messages = [];
        public string? Model, Instructions;
        public int? Tokens, Temperature;
        public List<string> Tools = [], Stop = [];
        public SortedDictionary<string, string?> Arguments = new(StringComparer.Ordinal);

        public static Request Make(Random random) => new()
        {
            Scope = random.Next(3) == 0 ? null : Text(random),
            Agent = Text(random),
            Method = Text(random),
            // Role, author, then texts.
            Messages = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Message(random))],
            Model = random.Next(3) == 0 ? null : Text(random),
            Instructions = random.Next(3) == 0 ? null : Text(random),
            Tokens = random.Next(3) == 0 ? null : random.Next(3),
            Temperature = random.Next(3) == 0 ? null : random.Next(3),
            Tools = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
            Stop = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
            Arguments = new(Enumerable.Range(0, random.Next(3)).ToDictionary(i => $"{i}{Text(random)}", _ => random.Next(3) == 0 ? null : Text(random)), StringComparer.Ordinal),
        };

        public Request Copy() => new()
        {
            Scope = Scope, Agent = Agent, Method = Method, Messages = [.. Messages.Select(message => message.ToList())], Model = Model, Instructions = Instructions,
            Tokens = Tokens, Temperature = Temperature, Tools = [.. Tools], Stop = [.. Stop], Arguments = new(Arguments, StringComparer.Ordinal),
        };

        /// <summary>Changes one field and says which.</summary>
        public string Change(Random random)
        {
            switch (random.Next(12))
            {
                case 0:
                    Scope = Scope is not null && random.Next(2) == 0 ? null : Other(random, Scope);
                    return nameof(Scope);
                case 1:
                    Agent = Other(random, Agent);
                    return nameof(Agent);
                case 2:
                    Method = Other(random, Method);
                    return nameof(Method);
                case 3:
                    Model = Model is not null && random.Next(2) == 0 ? null : Other(random, Model);
                    return nameof(Model);
                case 4:
                    Instructions = Instructions is not null && random.Next(2) == 0 ? null : Other(random, Instructions);
                    return nameof(Instructions);
                case 5:
                    Tokens = Tokens is null ? 0 : Tokens + 1;
                    return nameof(Tokens);
                case 6:
                    Temperature = Temperature is null ? 0 : Temperature + 1;
                    return nameof(Temperature);
                case 7:
                    ChangeList(Tools, random);
                    return nameof(Tools);
                case 8:
                    ChangeList(Stop, random);
                    return nameof(Stop);
                case 9:
                    if (Arguments.Count == 0)
                        Arguments["k"] = null;
                    else if (Arguments.First() is var (name, value))
                        Arguments[name] = value is null ? "" : null;
                    return nameof(Arguments);
                case 10:
                    Messages.Add(["r"]);
                    return nameof(Messages);
                default:
                    var message = Messages[random.Next(Messages.Count)];
                    // A piece of text moves to the next one, or a text is added.
                    var texts = message.Count - 2;
                    if (texts > 1 && message[2]!.Length > 0)
                        (message[2], message[3]) = (message[2]![..^1], message[2]![^1] + message[3]);
                    else
                        message.Add("");
                    return "text";
            }
        }

        public CacheKey Key(CacheKeyBuilder builder)
        {
            builder.Add(new CacheEntryInfo { Agent = Agent, Method = Method, Scope = Scope });
            builder.TryAddOptions(new ChatOptions
            {
                ModelId = Model, Instructions = Instructions, MaxOutputTokens = Tokens, Temperature = Temperature,
                Tools = [.. Tools.Select(tool => CacheKeyOptionsTests.Tool(tool))], StopSequences = [.. Stop],
            });
            builder.AddMessages(Messages.Select(message => new ChatMessage(new ChatRole(message[0]!), [.. message.Skip(2).Select(text => new TextContent(text))])
            {
                AuthorName = message.ElementAtOrDefault(1),
            }));
            builder.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c", "f", Arguments.ToDictionary(pair => pair.Key, object? (pair) => pair.Value))]));
            return builder.Build();
        }

        private static List<string?> Message(Random random) =>
        [
            "r" + Text(random), random.Next(2) == 0 ? null : "n" + Text(random).Trim(), .. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random)),
        ];

        private static void ChangeList(List<string> list, Random random)
        {
            if (list.Count == 0 || random.Next(2) == 0)
                list.Insert(random.Next(list.Count + 1), Text(random));
            else
                list[^1] = Other(random, list[^1]);
        }
    }
}
