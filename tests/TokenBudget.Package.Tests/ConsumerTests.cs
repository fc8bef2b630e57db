using System.Text.RegularExpressions;
using TokenBudget.Cli;

namespace TokenBudget.Package.Tests;

/// <summary>What a user gets who installs the package into a new console project.</summary>
[Collection(PackageCollection.Name)]
public sealed class ConsumerTests(PackedFeed feed)
{
    [Fact]
    public async Task The_generator_writes_the_agent_the_analyzers_warn_and_the_program_runs()
    {
        var folder = Consumer("app");

        var (built, log) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false", "-p:TokenBudgetMaxRounds=7");

        built.ShouldBe(0, log);
        log.ShouldContain("warning TB0102", customMessage: log);
        log.ShouldContain("IGreeterAgent.cs(", customMessage: "The warning has a place in the source.");
        Regex.Matches(log, @"warning (\w+)").Select(static match => match.Groups[1].Value).Distinct().ShouldBe(["TB0102"], log);
        var generated = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(static path => path.Contains($"{Path.DirectorySeparatorChar}TokenBudget.Generators{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        generated.Select(File.ReadAllText).ShouldContain(static text => text.Contains("partial class GreeterAgent", StringComparison.Ordinal) && text.Contains("MaxRounds = 7", StringComparison.Ordinal));

        var (ran, output) = await DotNet.RunAsync(folder, "run", "--no-build");

        ran.ShouldBe(0, output);
        output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "You said: Greet Ada politely.",
            "You said: and again",
            // 200 in at $2.50 and 20 out at $10 per million.
            "GreeterAgent gpt-4o 2 220 $0.0007",
        ]);
    }

    /// <summary>The rules of both families come with the package: plain code is warned of, what cannot be called at all ends the build.</summary>
    [Fact]
    public async Task Both_families_of_rules_come_with_the_package()
    {
        var folder = Consumer("rules");
        File.WriteAllText(Path.Combine(folder, "Chat.cs"), """
            using Microsoft.Extensions.AI;

            namespace Consumer;

            public static class Chat
            {
                public static async Task RunAsync(IChatClient client)
                {
                    var history = new List<ChatMessage>();
                    while (true)
                    {
                        history.Add(new ChatMessage(ChatRole.User, Console.ReadLine()));
                        history.AddMessages(await client.GetResponseAsync(history));
                    }
                }
            }
            """);
        var (built, warnings) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false");

        built.ShouldBe(0, warnings);
        warnings.ShouldMatch(@"Chat\.cs\(13,\d+\): warning TB0001: 'history' is sent whole", warnings);

        File.WriteAllText(Path.Combine(folder, "rules.md"), string.Concat(Enumerable.Repeat("Follow the rules of the house. ", 500)));
        File.WriteAllText(Path.Combine(folder, "IReviewAgent.cs"), """
            using TokenBudget;

            namespace Consumer;

            [ChatAgent(Model = "gpt-4o")]
            [TokenBudget(MaxContextTokens = 3_000, MaxOutputTokens = 500)]
            public interface IReviewAgent
            {
                [SystemPrompt(File = "rules.md")]
                Task<string> ReviewAsync([MaxTokens(100)] string change, CancellationToken cancellationToken);
            }
            """);
        var project = Path.Combine(folder, "Consumer.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace("<ItemGroup>", "<ItemGroup><AdditionalFiles Include=\"rules.md\" />", StringComparison.Ordinal));
        var (refused, errors) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false");

        refused.ShouldNotBe(0, errors);
        errors.ShouldMatch(@"IReviewAgent\.cs\(10,\d+\): error TB0103: 'ReviewAsync' sends 3,?5\d\d fixed tokens \(system prompt 3,?5\d\d\)", errors);
    }

    [Fact]
    public async Task A_compiler_that_is_too_old_is_named_instead_of_a_missing_class()
    {
        var folder = Consumer("old");

        var (exitCode, log) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false", "-p:CompilerApiVersion=roslyn4.13");

        exitCode.ShouldNotBe(0, log);
        log.ShouldContain("error TBCFG001", customMessage: log);
        log.ShouldContain("4.13", customMessage: log);
        log.ShouldNotContain("error CS", customMessage: log);
    }

    /// <summary>By the compiler of Razor pages itself: the report stands in the page, not in what is made of it.</summary>
    [Fact]
    public async Task A_history_in_a_page_is_reported_there_unless_the_project_wants_none()
    {
        var folder = Consumer("page");
        foreach (var source in Directory.GetFiles(folder, "*.cs"))
            File.Delete(source);
        File.WriteAllText(Path.Combine(folder, "Chat.razor"), """
            @using Microsoft.Extensions.AI
            @inject IChatClient Client

            <p>@_history.Count</p>

            @code {
                private readonly List<ChatMessage> _history = [];

                private async Task AskAsync(string question)
                {
                    _history.Add(new ChatMessage(ChatRole.User, question));
                    _history.AddMessages(await Client.GetResponseAsync(_history));
                }
            }
            """);
        var project = Path.Combine(folder, "Consumer.csproj");
        File.WriteAllText(project, File.ReadAllText(project)
            .Replace("Sdk=\"Microsoft.NET.Sdk\"", "Sdk=\"Microsoft.NET.Sdk.Razor\"", StringComparison.Ordinal)
            .Replace("<OutputType>Exe</OutputType>", "<AddRazorSupportForMvc>false</AddRazorSupportForMvc>", StringComparison.Ordinal)
            .Replace("<ItemGroup>", "<ItemGroup><FrameworkReference Include=\"Microsoft.AspNetCore.App\" />", StringComparison.Ordinal));

        var (built, log) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false");

        built.ShouldBe(0, log);
        log.ShouldMatch(@"Chat\.razor\(12,\d+\): warning TB0002", log);

        var (silent, silence) = await DotNet.RunAsync(folder, "build", "--nologo", "--no-incremental", "-nodeReuse:false", "-p:TokenBudgetAnalysisMode=None");

        silent.ShouldBe(0, silence);
        silence.ShouldNotContain("TB00", customMessage: silence);
    }

    [Theory]
    [InlineData("TokenBudgetAnalysisMode", "Loud", "TBCFG003")]
    [InlineData("TokenBudgetMaxContextTokens", "32_000")]
    [InlineData("TokenBudgetWindow", "sliding")]
    public async Task A_property_that_means_nothing_ends_the_build(string property, string value, string code = "TBCFG002")
    {
        var folder = Consumer("property" + property);

        var (exitCode, log) = await DotNet.RunAsync(folder, "build", "--nologo", "-nodeReuse:false", $"-p:{property}={value}");

        exitCode.ShouldNotBe(0, log);
        log.ShouldContain($"error {code}", customMessage: log);
        log.ShouldContain($"{property} is '{value}'", customMessage: log);
    }

    /// <summary>The library has no implicit usings and no nullable; the program has two packages of ours and agents of its own.</summary>
    [Fact]
    public async Task A_library_with_an_agent_is_used_by_a_program_with_two_packages()
    {
        var folder = Consumer("two");
        var library = Directory.CreateDirectory(Path.Combine(folder, "Library")).FullName;
        File.WriteAllText(Path.Combine(library, "Library.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>disable</ImplicitUsings>
                <Nullable>disable</Nullable>
                <LangVersion>12</LangVersion>
                <NuGetAudit>false</NuGetAudit>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <IsAotCompatible>true</IsAotCompatible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="TokenBudget" Version="{feed.Version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(library, "ILibraryAgent.cs"), """
            namespace Library
            {
                [TokenBudget.ChatAgent(Model = "gpt-4o"), TokenBudget.Tools(typeof(Clock)), TokenBudget.Tools(typeof(Desk))]
                [TokenBudget.TokenBudget(MaxContextTokens = 1000, MaxRounds = 4)]
                public interface ILibraryAgent
                {
                    System.Threading.Tasks.Task<TokenBudget.AgentReply<string>> AskAsync(string question);
                }

                public static class Clock { public static int Hour(int offset = 0) => 12 + offset; }
                public sealed class Desk { public System.Threading.Tasks.Task<string> FindAsync(string id) => System.Threading.Tasks.Task.FromResult(id); }
            }
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), """
            using Consumer;
            using Library;
            using Microsoft.Extensions.AI;
            using Microsoft.Extensions.DependencyInjection;
            using TokenBudget;
            using TokenBudget.Costs;
            using TokenBudget.Sqlite;

            await using var store = await SqliteStore.OpenAsync("two.db");
            await using var provider = new ServiceCollection()
                .AddSingleton<IChatClient>(new FakeChatClient())
                .AddSingleton<ILedger>(store)
                .AddTokenBudgetAgents()
                .AddLibraryAgent()
                .BuildServiceProvider();
            var reply = await provider.GetRequiredService<ILibraryAgent>().AskAsync("who?");
            Console.WriteLine($"{reply.Value} {reply.Usage.Total}");
            Console.WriteLine(await provider.GetRequiredService<IGreeterAgent>().GreetAsync("Ada"));
            Console.WriteLine((await store.TotalAsync(new LedgerQuery())).Sum(total => total.Requests));
            """);
        var project = Path.Combine(folder, "Consumer.csproj");
        File.WriteAllText(project, File.ReadAllText(project)
            .Replace("<ItemGroup>", $"""<ItemGroup><ProjectReference Include="Library/Library.csproj" /><PackageReference Include="TokenBudget.Sqlite" Version="{feed.Version}" /><Compile Remove="Library/**" />""", StringComparison.Ordinal));

        var (ran, output) = await DotNet.RunAsync(folder, "run", "--project", "Consumer.csproj");

        ran.ShouldBe(0, output);
        output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3).ShouldBe(["You said: who? 110", "You said: Greet Ada politely.", "2"], output);
    }

    /// <summary>From the first lock file to a change that is agreed on, in a project that takes every warning as an error.</summary>
    [Fact]
    public async Task Contracts_are_kept_in_a_file_and_every_build_is_compared_with_it()
    {
        var folder = Consumer("locked");
        var agent = Path.Combine(folder, "IGreeterAgent.cs");
        var locked = Path.Combine(folder, "tokenbudget.lock.json");
        File.WriteAllText(agent, "#pragma warning disable TB0102\n" + File.ReadAllText(agent));

        (await BuildAsync()).ExitCode.ShouldBe(0);
        (await LockAsync()).ShouldContain("2 methods; 2 new");
        File.ReadAllText(locked).ShouldContain("\"Consumer/Consumer.IGreeterAgent.GreetAsync(string, CancellationToken)\": {\"ceilingUsd\":");

        File.WriteAllText(agent, File.ReadAllText(agent)
            .Replace("Greet {name} politely.", "Greet {name} politely, in three languages, and ask how the day has been.", StringComparison.Ordinal)
            .Replace("    Task<string> ChatAsync", "    [TokenBudget(MaxMessages = 5)]\n    Task<string> ChatAsync", StringComparison.Ordinal));
        var (onServer, server) = await BuildAsync("-p:ContinuousIntegrationBuild=true");
        onServer.ShouldNotBe(0, server);
        server.ShouldContain("error TB0120", customMessage: server);

        var (told, log) = await BuildAsync();
        told.ShouldBe(0, log);
        log.ShouldMatch(@"IGreeterAgent\.cs\(13,\d+\): warning TB0120: A call of 'GreetAsync' can cost \$[\d.]+, and tokenbudget\.lock\.json says \$[\d.]+: fixedTokens\.prompt \d+ → \d+, inputTokens", log);
        log.ShouldMatch(@"IGreeterAgent\.cs\(16,\d+\): warning TB0121: The contract of 'ChatAsync' is not the one in tokenbudget\.lock\.json: settings\.maxMessages none → 5", log);

        (await LockAsync()).ShouldContain("1 can cost more, 1 changed");
        var (silent, silence) = await BuildAsync("-p:ContinuousIntegrationBuild=true");
        silent.ShouldBe(0, silence);
        silence.ShouldNotContain("TB012", customMessage: silence);

        File.WriteAllText(Path.Combine(folder, "contracts.json"), "{");
        var (_, broken) = await BuildAsync("-p:TokenBudgetLockFile=contracts.json");
        broken.ShouldContain("contracts.json(1,2): warning TB0122", customMessage: broken);
        var (_, gone) = await BuildAsync("-p:TokenBudgetLockFile=gone.json");
        gone.ShouldContain("warning TBCFG004", customMessage: gone);

        Task<(int ExitCode, string Output)> BuildAsync(params string[] more) =>
            DotNet.RunAsync(folder, ["build", "--nologo", "--no-incremental", "-nodeReuse:false", "-p:TreatWarningsAsErrors=true", .. more]);

        async Task<string> LockAsync()
        {
            using var output = new StringWriter();
            var environment = new CliEnvironment { Input = Stream.Null, Out = output, Error = output };
            (await CliApplication.RunAsync(["lock", Path.Combine(folder, "bin", "Debug", "net10.0", "Consumer.dll"), "--output", locked], environment)).ShouldBe(0, output.ToString());
            return output.ToString();
        }
    }

    /// <summary>
    /// As in a native-AOT program: reflection is off, and the analyzers of trimming and AOT find nothing in what is generated. The nightly run publishes it trimmed, so that what nothing
    /// refers to is gone.
    /// </summary>
    [Fact]
    public async Task Complex_types_of_tools_replies_and_keys_need_no_reflection_where_a_context_is_named()
    {
        var folder = Consumer("aot");
        foreach (var source in Directory.GetFiles(folder, "*.cs"))
            File.Delete(source);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), """
            using System.Runtime.CompilerServices;
            using System.Text.Json;
            using System.Text.Json.Serialization;
            using Microsoft.Extensions.AI;
            using Microsoft.Extensions.DependencyInjection;
            using TokenBudget;

            Console.WriteLine($"reflection {JsonSerializer.IsReflectionEnabledByDefault}");
            await using var provider = new ServiceCollection().AddSingleton<IChatClient>(new Clerk()).AddTokenBudgetAgents().BuildServiceProvider();
            var agent = provider.GetRequiredService<IClerkAgent>();
            var order = await agent.OrderAsync("two pens", [new("pencil", 1)], Haste.High, new DateOnly(2026, 2, 1));
            Console.WriteLine($"{order.Id} {order.Lines[0].Article}");
            var requests = Clerk.Requests;
            await agent.OrderAsync("two pens", [new("pencil", 1)], Haste.High, new DateOnly(2026, 2, 1));
            Console.Write($"{Clerk.Requests - requests} ");
            await agent.OrderAsync("two pens", [new("pencil", 2)], Haste.High, new DateOnly(2026, 2, 1));
            await agent.OrderAsync("two pens", [new("pencil", 1)], Haste.None, new DateOnly(2026, 2, 1));
            await agent.OrderAsync("two pens", [new("pencil", 1)], Haste.High, new DateOnly(2026, 2, 2));
            Console.WriteLine(Clerk.Requests - requests);

            [JsonSerializable(typeof(Order)), JsonSerializable(typeof(List<Line>)), JsonSerializable(typeof(IReadOnlyList<Line>))]
            internal sealed partial class AppJson : JsonSerializerContext;

            public sealed record Line(string Article, int Count);
            public sealed record Order(string Id, List<Line> Lines);

            [ChatAgent(Model = "gpt-4o"), Tools(typeof(Desk)), JsonContext(typeof(AppJson)), TokenBudget(MaxRounds = 3)]
            public interface IClerkAgent
            {
                [Cached(Scope = CacheScope.Global, ToolCalls = true)]
                Task<Order> OrderAsync([MaxTokens(100)] string wish, IReadOnlyList<Line> bought, Haste haste, DateOnly day, CancellationToken cancellationToken = default);
            }

            public enum Haste { None, High }

            public static class Desk { public static Order Place(List<Line> lines) => new("order " + lines.Sum(line => line.Count), lines); }

            // Calls the tool, then answers with what it gave.
            internal sealed class Clerk : IChatClient
            {
                public static int Requests { get; private set; }

                public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
                {
                    Requests++;
                    var result = messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().FirstOrDefault();
                    using var lines = JsonDocument.Parse("[{\"article\":\"pen\",\"count\":2}]");
                    return Task.FromResult(new ChatResponse(result is null
                        ? new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "Place", new Dictionary<string, object?> { ["lines"] = lines.RootElement.Clone() })])
                        : new ChatMessage(ChatRole.Assistant, ((JsonElement)result.Result!).GetRawText())) { FinishReason = result is null ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop });
                }

                public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
                {
                    await Task.CompletedTask;
                    yield break;
                }

                public object? GetService(Type serviceType, object? serviceKey = null) => null;
                public void Dispose() { }
            }
            """);
        var project = Path.Combine(folder, "Consumer.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace(
            "<OutputType>",
            "<IsAotCompatible>true</IsAotCompatible><TreatWarningsAsErrors>true</TreatWarningsAsErrors><JsonSerializerIsReflectionEnabledByDefault>false</JsonSerializerIsReflectionEnabledByDefault><OutputType>",
            StringComparison.Ordinal));

        var (ran, output) = await DotNet.RunAsync(folder, "run", "--project", "Consumer.csproj");

        // Asked twice alike it makes no request; with another line, haste or day it makes two, one for the tool.
        string[] expected = ["reflection False", "order 2 pen", "0 6"];
        ran.ShouldBe(0, output);
        output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3).ShouldBe(expected, output);

        if (Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") != "1")
            return;
        var (published, publishing) = await DotNet.RunAsync(
            folder, "publish", "Consumer.csproj", "--output", Path.Combine(folder, "out"), "--self-contained", "--runtime", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "-p:PublishTrimmed=true", "-nodeReuse:false");
        published.ShouldBe(0, publishing);
        var (ranTrimmed, trimmed) = await DotNet.RunProgramAsync(Path.Combine(folder, "out", "Consumer"), folder);
        ranTrimmed.ShouldBe(0, trimmed);
        trimmed.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(expected, trimmed);
    }

    [Theory]
    [InlineData("QuickStart")]
    [InlineData("PlainChatClient")]
    public void A_first_sample_is_one_short_file(string sample)
    {
        var files = Directory.GetFiles(Repository.PathOf($"samples/{sample}"), "*.cs");
        File.ReadAllLines(files.ShouldHaveSingleItem()).Length.ShouldBeLessThanOrEqualTo(60);
    }

    /// <summary>A project with nothing of this checkout but the packages: its own packages folder, so that no other run's are met and none are left behind.</summary>
    private string Consumer(string name)
    {
        var folder = feed.NewFolder(name);
        foreach (var source in Directory.EnumerateFiles(Repository.PathOf("tests/TokenBudget.Package.Tests/Consumer"), "*.cs"))
            File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
        // Whatever lies above the temporary folder stays out.
        foreach (var file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            File.WriteAllText(Path.Combine(folder, file), "<Project />");
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="packages" />
              </config>
              <fallbackPackageFolders>
                <add key="machine" value="{MachinePackages}" />
              </fallbackPackageFolders>
              <packageSources>
                <add key="packed" value="{feed.Folder}" />
              </packageSources>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(folder, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <EmitCompilerGeneratedFiles>true</EmitCompilerGeneratedFiles>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="TokenBudget" Version="{feed.Version}" />
                <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="{ExtensionsVersion}" />
              </ItemGroup>
            </Project>
            """);
        return folder;
    }

    /// <summary>Packages of others that are there already are taken from there, not loaded again.</summary>
    private static string MachinePackages =>
        Directory.CreateDirectory(Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages")).FullName;

    private static string ExtensionsVersion =>
        Regex.Match(File.ReadAllText(Repository.PathOf("Directory.Packages.props")), "<MicrosoftExtensionsVersion>(.+?)<").Groups[1].Value;
}
