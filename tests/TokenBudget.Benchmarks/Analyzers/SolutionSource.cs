using System.Globalization;
using System.Text;

namespace TokenBudget.Benchmarks.Analyzers;

/// <summary>A business solution as they are: most of it has nothing to do with models.</summary>
internal static class SolutionSource
{
    public const int Calls = 200;
    private const int FileCount = 1_000;
    private const int LinesPerFile = 100;

    public static IEnumerable<string> Files()
    {
        for (var number = 0; number < FileCount; number++)
            yield return File(number);
    }

    private static string File(int number)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $$"""
            using System;
            using System.Collections.Generic;
            using System.Linq;
            using System.Threading.Tasks;
            using Microsoft.Extensions.AI;
            namespace Contoso.Part{{number % 20}};
            public class Service{{number}}
            {
                private readonly Dictionary<int, decimal> _totals = new();

            """);
        if (number % (FileCount / Calls) == 0)
            AppendCall(text, isUnbounded: number % 50 == 0);
        for (var method = 0; text.ToString().AsSpan().Count('\n') < LinesPerFile - 10; method++)
            AppendMethod(text, method);
        return text.Append("}\n").ToString();
    }

    private static void AppendCall(StringBuilder text, bool isUnbounded) => text.Append(CultureInfo.InvariantCulture, $$"""
            private readonly List<ChatMessage> _history = new();
            public async Task<string> AskAsync(IChatClient client, string question)
            {
                _history.Add(new ChatMessage(ChatRole.User, question));
                {{(isUnbounded ? "" : "while (_history.Count > 20) _history.RemoveAt(1);")}}
                var response = await client.GetResponseAsync(_history);
                _history.AddRange(response.Messages);
                return response.Text;
            }

        """);

    private static void AppendMethod(StringBuilder text, int number) => text.Append(CultureInfo.InvariantCulture, $$"""
            public decimal Sum{{number}}(IReadOnlyList<(int Customer, decimal Amount)> orders, decimal rate)
            {
                var sum = 0m;
                foreach (var (customer, amount) in orders.Where(order => order.Amount > rate).OrderBy(order => order.Customer))
                {
                    if (!_totals.TryGetValue(customer, out var total))
                        total = amount * rate;
                    _totals[customer] = total + amount;
                    sum += Math.Round(total * rate / 100m, 2) + {{number}};
                }

                return orders.Count > 10 ? sum / orders.Count : sum;
            }

        """);
}
