using Consumer;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget;
using TokenBudget.Costs;

var services = new ServiceCollection();
services.AddSingleton<IChatClient>(new FakeChatClient());
services.AddGreeterAgent();
await using var provider = services.BuildServiceProvider();

var agent = provider.GetRequiredService<IGreeterAgent>();
var runtime = provider.GetRequiredService<TokenBudgetRuntime>();
Console.WriteLine(await agent.GreetAsync("Ada"));
var conversation = await runtime.OpenConversationAsync("c1");
Console.WriteLine(await agent.ChatAsync(conversation, "and again"));
foreach (var total in await runtime.Ledger.TotalAsync(new LedgerQuery()))
    Console.WriteLine($"{total.Key.Agent} {total.Key.Model} {total.Requests} {total.Usage.Total} {total.Cost}");
