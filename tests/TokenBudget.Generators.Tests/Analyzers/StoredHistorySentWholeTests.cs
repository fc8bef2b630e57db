using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class StoredHistorySentWholeTests
{
    [Theory]
    [InlineData("the newest", "var rows = db.Messages.Where(m => m.Conversation == id).Take(20).ToList(); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("what is young", "var rows = db.Messages.Where(m => m.At > DateTime.Now).ToList(); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("a part of what was loaded", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); await client.GetResponseAsync(rows.TakeLast(9).Select(m => new ChatMessage(ChatRole.User, m.Text))); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("a list that is cut", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); if (rows.Count > 9) rows.RemoveRange(0, 2); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("a method that only reads", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); ")]
    [InlineData("a loader of its own", "var rows = Recent(); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("another store", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); await client.GetResponseAsync(rows.Select(m => new ChatMessage(ChatRole.User, m.Text))); other.Add(\"x\", []);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a table", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); await client.GetResponseAsync({|TB0003:rows.Select(m => new ChatMessage(ChatRole.User, m.Text))|}); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("a table, message by message", "var rows = db.Messages.Where(m => m.Conversation == id).ToList(); var h = new List<ChatMessage>(); foreach (var m in rows) h.Add(new(ChatRole.User, m.Text)); await client.GetResponseAsync({|TB0003:h|}); db.Messages.Add(new Row()); db.SaveChanges();")]
    [InlineData("a dictionary", "var h = other[id]; await client.GetResponseAsync({|TB0003:h|}); h.Add(new()); other[id] = h;")]
    [InlineData("a dictionary that may not have it", "if (!other.TryGetValue(id, out var h)) h = []; await client.GetResponseAsync({|TB0003:h|}); other[id] = h;")]
    [InlineData("a session", "var h = System.Text.Json.JsonSerializer.Deserialize<List<ChatMessage>>(session.GetString(id))!; h.Add(new()); await client.GetResponseAsync({|TB0003:h|}); session.SetString(id, \"\");")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<StoredHistorySentWholeAnalyzer>($$"""
            class C(IChatClient client, Db db, ISession session)
            {
                async Task M(string id, Dictionary<string, List<ChatMessage>> other)
                {
                    {{code}}
                    await Task.Yield();
                    _ = session;
                    _ = db;
                }

                static List<Row> Recent() => [];
            }

            class Row { public ChatRole Role { get; set; } public string Text { get; set; } = ""; public string Conversation { get; set; } = ""; public DateTime At { get; set; } }
            class DbSet<T> : List<T>;
            class DbContext { public void SaveChanges() { } }
            class Db : DbContext { public DbSet<Row> Messages { get; } = []; }
            interface ISession { string GetString(string key); void SetString(string key, string value); }
            """);
    }
}
