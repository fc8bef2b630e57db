using System.IO.Compression;
using System.Text;
using System.Text.Json;
using TokenBudget.TestSupport;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>One text of every kind that behaves differently: recorded ones where they lie beside the checkout, made up from the same seeds otherwise.</summary>
internal static class BenchmarkTexts
{
    private const int Size = 1_000_000;
    private const string Documents = "tokenizer/docs/dev/";

    private const string SomeEnglish = "the ship had left harbour before anybody noticed that its captain was still asleep in the upper room of an inn where nothing ever happened";
    private const string SomeRussian = "корабль вышел из гавани прежде чем кто нибудь заметил что капитан ещё спит в верхней комнате трактира где никогда ничего не происходило";
    private const string SomeChinese = "船在任何人注意到船长仍然睡在旅馆楼上的房间之前就已经离开了港口那里从来没有发生过什么事情数据系统服务";
    private const string SomeJapanese = "船長がまだ宿屋の二階で眠っていることに誰かが気づく前に船は港を出てしまったデータのシステムをサービスする";

    public static IReadOnlyList<BenchmarkText> All() =>
    [
        new("English prose", [English()]),
        new("C#", [Sources()]),
        new("JSON transcripts", [Json()]),
        new("Chinese+Japanese", [ChineseJapanese()]),
        new("Russian", [Recombined(Document("17-md-ru-free-programming-books-ru.md.txt") ?? SomeRussian, Size / 2)]),
        new("base64+hex", [Encoded()]),
        new("chat messages", Chat(English())),
        new("100k 'a'", [new string('a', 100_000)]),
        new("100k spaces", [new string(' ', 100_000)]),
        new("100k digits", [string.Concat(Enumerable.Repeat("1234567890", 10_000))]),
    ];

    public static string English()
    {
        if (Document("53-jsonl-en-c4_demo.jsonl.txt") is not { } lines)
            return Recombined(SomeEnglish, Size);
        var text = new StringBuilder();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var row = JsonDocument.Parse(line);
            text.Append(row.RootElement.GetProperty("text").GetString()).Append("\n\n");
        }

        return text.ToString();
    }

    /// <summary>Messages of 30 to 300 characters, cut at words.</summary>
    public static string[] Chat(string text)
    {
        var random = new Random(5);
        var messages = new string[5_000];
        var at = 0;
        for (var i = 0; i < messages.Length; i++)
        {
            var length = random.Next(30, 300);
            if (at + length + 40 > text.Length)
                at = random.Next(100);
            var end = text.IndexOf(' ', at + length - 10);
            end = end < 0 || end > at + length ? at + length : end;
            messages[i] = text[at..end];
            at = end + 1;
        }

        return messages;
    }

    public static string Json()
    {
        if (!SharedData.Exists)
            return Concatenate(index => $"{{\"id\":\"call_{index:x8}\",\"name\":\"search_flights\",\"arguments\":{{\"city\":\"{Word(index)}\",\"date\":\"2026-05-{1 + (index % 28):00}\",\"limit\":{index % 50}}}}}\n");
        using var file = new StreamReader(new GZipStream(File.OpenRead(SharedData.File("conversations/conversations.dev.jsonl.gz")), CompressionMode.Decompress));
        var buffer = new char[3 * Size / 2];
        var read = file.ReadBlock(buffer);
        return new string(buffer, 0, read);

        static string Word(int index) => SomeEnglish.Split(' ')[index * 7 % 24];
    }

    private static string Sources()
    {
        var text = new StringBuilder();
        foreach (var path in Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            text.Append(File.ReadAllText(path));
        return text.ToString();
    }

    private static string ChineseJapanese()
    {
        var japanese = Characters(SomeJapanese, Size / 12);
        if (Document("52-json-zh-glaive_toolcall_zh_demo.json.txt") is not { } file)
            return Characters(SomeChinese, Size / 4) + japanese;
        using var rows = JsonDocument.Parse(file);
        var text = new StringBuilder();
        foreach (var row in rows.RootElement.EnumerateArray())
            foreach (var message in row.GetProperty("conversations").EnumerateArray())
                if (message.GetProperty("from").GetString() is "human" or "gpt")
                    text.Append(message.GetProperty("value").GetString()).Append('\n');
        return text.Append(Document("15-md-zh-free-programming-books-zh.md.txt")).Append(japanese).ToString();
    }

    private static string Encoded()
    {
        var bytes = new byte[Size / 3];
        new Random(3).NextBytes(bytes);
        return Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks) + Convert.ToHexStringLower(bytes.AsSpan(0, Size / 4));
    }

    /// <summary>The words of a text in another order, a third of them with the ending of another word: as many forms as a longer text would have.</summary>
    private static string Recombined(string text, int characters)
    {
        var random = new Random(4);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return Concatenate(
            _ =>
            {
                var word = words[random.Next(words.Length)];
                var other = words[random.Next(words.Length)];
                return (random.Next(3) == 0 && word.Length > 4 && other.Length > 4 ? word[..^2] + other[^2..] : word) + (random.Next(12) == 0 ? ". " : " ");
            },
            characters);
    }

    private static string Characters(string text, int characters)
    {
        var random = new Random(6);
        return Concatenate(
            _ =>
            {
                var start = random.Next(text.Length - 8);
                return text.Substring(start, random.Next(1, 8)) + (random.Next(6) == 0 ? "。" : "");
            },
            characters);
    }

    private static string Concatenate(Func<int, string> part, int characters = Size)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < characters; i++)
            text.Append(part(i));
        return text.ToString();
    }

    private static string? Document(string name) =>
        SharedData.Exists ? File.ReadAllText(SharedData.File(Documents + name), Encoding.UTF8) : null;
}
