using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class SharedHistoryTests
{
    [Theory]
    [InlineData("a scoped history", "services.AddScoped<Chat>();")]
    [InlineData("a history that does not change", "services.AddSingleton<Fixed>();")]
    [InlineData("one for each conversation", "services.AddSingleton<Many>();")]
    [InlineData("something else", "services.AddSingleton(client);")]
    [InlineData("a local", "var h = new List<ChatMessage>(); h.Add(new());")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a type", "{|TB0007:services.AddSingleton<Chat>()|};")]
    [InlineData("a type behind an interface", "{|TB0007:services.AddSingleton<IChat, Named>()|};")]
    [InlineData("a factory", "{|TB0007:services.AddSingleton<object>(_ => new Chat())|};")]
    [InlineData("an object", "{|TB0007:services.AddSingleton(new Chat())|};")]
    [InlineData("a list", "{|TB0007:services.AddSingleton(new List<ChatMessage>())|};")]
    [InlineData("a list that is refilled for each request", "{|TB0007:services.AddSingleton<Refilled>()|};")]
    [InlineData("a static list", "{|TB0007:Static.Add(new())|}; } static readonly List<ChatMessage> Static = []; void N() {")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Says_nothing_in_a_program_for_one_user() => AnalyzerRun.ShouldReport<SharedHistoryAnalyzer>("""
        using Microsoft.Extensions.DependencyInjection;
        class C
        {
            void M(IServiceCollection services) => services.AddSingleton<Chat>();
        }

        class Chat { private readonly List<ChatMessage> _history = []; public void Say() => _history.Add(new()); }
        """);

    [Fact]
    public async Task Says_where_the_history_is_sent()
    {
        var diagnostic = (await AnalyzerRun.ShouldReport<SharedHistoryAnalyzer>("""
            using Microsoft.Extensions.DependencyInjection;
            class C
            {
                void M(IServiceCollection services) => {|TB0007:services.AddSingleton<Chat>()|};
            }

            class Chat(IChatClient client)
            {
                private readonly List<ChatMessage> _history = [];
                public Task Ask() { _history.Add(new()); return client.GetResponseAsync(_history); }
            }
            """, Stubs.Server)).Single();
        var place = diagnostic.AdditionalLocations.Single();
        place.SourceTree!.GetText().ToString(place.SourceSpan).ShouldBe("client.GetResponseAsync(_history)");
    }

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<SharedHistoryAnalyzer>($$"""
            using Microsoft.Extensions.DependencyInjection;
            class C
            {
                void M(IServiceCollection services, IChatClient client)
                {
                    {{code}}
                }
            }

            class Chat { private readonly List<ChatMessage> _history = []; public void Say() => _history.Add(new()); }
            class Fixed { private readonly List<ChatMessage> _history = [new()]; public int Count => _history.Count; }
            class Many { private readonly Dictionary<string, List<ChatMessage>> _all = []; public void Say(string id) => _all[id].Add(new()); }
            class Refilled { private readonly List<ChatMessage> _history = []; public void Say() { _history.Clear(); _history.Add(new()); } }
            interface IChat;
            class Named : IChat { private readonly List<ChatMessage> _history = []; public void Say() => _history.Add(new()); }
            """, Stubs.Server);
    }
}
