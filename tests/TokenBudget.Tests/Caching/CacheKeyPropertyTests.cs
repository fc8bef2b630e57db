using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>Pairs of requests that differ in exactly one field must never share a key.</summary>
public sealed class CacheKeyPropertyTests
{
    private static readonly string[] Alphabet = ["", "a", "b", "|", "a|", "\0", "é", "\uD83D", "😀", "null", "{", "\"", ",", "0"];
    private static readonly JsonElement Schema = JsonDocument.Parse("""{"a":{},"b":{}}""").RootElement;
    private static readonly JsonElement OtherSchema = JsonDocument.Parse("""{"b":{},"a":{}}""").RootElement;

    [Fact]
    public void Requests_that_differ_in_one_field_have_different_keys()
    {
        var pairs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 1_000_000 : 20_000;
        using var builder = new CacheKeyBuilder();
        // Knows what it has seen, and must not take anything for it.
        using var knowing = new CacheKeyBuilder(new KeyDigests());
        for (var seed = 0; seed < pairs; seed++)
        {
            var random = new Random(seed);
            var one = Request.Make(random);
            var two = one.Copy();
            var field = two.Change(random);
            var key = one.Key(builder);
            key.ShouldBe(one.Copy().Key(builder), $"seed {seed}");
            var other = two.Key(builder);
            if (key == other)
                Assert.Fail($"seed {seed}: requests that differ in {field} have one key");
            one.Key(knowing).ShouldBe(key, $"seed {seed}");
            two.Key(knowing).ShouldBe(other, $"seed {seed}");
            one.Key(knowing).ShouldBe(key, $"seed {seed}");
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

        /// <summary>Output tokens, temperature, top p, top k, both penalties, seed, effort, reasoning output.</summary>
        public int?[] Numbers = [];

        public bool? Multiple;
        public int Format, Mode;

        /// <summary>Longer than a page now and then, so that what it is part of begins on another.</summary>
        public string Document = "";

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
            Numbers = [.. Enumerable.Range(0, 9).Select(_ => random.Next(3) == 0 ? (int?)null : random.Next(3))],
            Multiple = random.Next(3) switch { 0 => null, 1 => true, _ => false },
            Format = random.Next(5),
            Mode = random.Next(5),
            Document = random.Next(40) == 0 ? string.Concat(Enumerable.Repeat(Text(random) + "é😀x", random.Next(6_000))) : "",
            Tools = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
            Stop = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
            Arguments = new(Enumerable.Range(0, random.Next(3)).ToDictionary(i => $"{i}{Text(random)}", _ => random.Next(3) == 0 ? null : Text(random)), StringComparer.Ordinal),
        };

        public Request Copy() => new()
        {
            Scope = Scope, Agent = Agent, Method = Method, Messages = [.. Messages.Select(message => message.ToList())], Model = Model, Instructions = Instructions,
            Numbers = [.. Numbers], Multiple = Multiple, Format = Format, Mode = Mode, Document = Document, Tools = [.. Tools], Stop = [.. Stop], Arguments = new(Arguments, StringComparer.Ordinal),
        };

        /// <summary>Changes one field and says which.</summary>
        public string Change(Random random)
        {
            switch (random.Next(15))
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
                    var number = random.Next(Numbers.Length);
                    Numbers[number] = Numbers[number] is { } known ? (random.Next(2) == 0 ? null : known + 1) : 0;
                    return $"{nameof(Numbers)} {number}";
                case 6:
                    Multiple = Multiple switch { null => true, true => false, _ => null };
                    return nameof(Multiple);
                case 12:
                    Format = (Format + 1 + random.Next(4)) % 5;
                    return nameof(Format);
                case 13:
                    Mode = (Mode + 1 + random.Next(4)) % 5;
                    return nameof(Mode);
                case 14:
                    var at = random.Next(Document.Length + 1);
                    Document = at == Document.Length ? Document + "." : Document[..at] + (char)(Document[at] ^ 1) + Document[(at + 1)..];
                    return nameof(Document);
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
                ModelId = Model, Instructions = Instructions, MaxOutputTokens = Numbers[0], Temperature = Numbers[1], TopP = Numbers[2], TopK = Numbers[3],
                FrequencyPenalty = Numbers[4], PresencePenalty = Numbers[5], Seed = Numbers[6], AllowMultipleToolCalls = Multiple,
                Reasoning = Numbers[7] is null && Numbers[8] is null ? null : new ReasoningOptions { Effort = (ReasoningEffort?)Numbers[7], Output = (ReasoningOutput?)Numbers[8] },
                ResponseFormat = Format switch
                {
                    0 => null,
                    1 => ChatResponseFormat.Text,
                    2 => ChatResponseFormat.Json,
                    _ => ChatResponseFormat.ForJsonSchema(Format == 3 ? Schema : OtherSchema),
                },
                ToolMode = Mode switch { 0 => null, 1 => ChatToolMode.Auto, 2 => ChatToolMode.None, 3 => ChatToolMode.RequireAny, _ => ChatToolMode.RequireSpecific("f") },
                Tools = [.. Tools.Select(tool => CacheKeyOptionsTests.Tool(tool))], StopSequences = [.. Stop],
            });
            builder.Add("document", Document);
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
