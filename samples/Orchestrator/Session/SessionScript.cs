namespace Orchestrator.Session;

/// <summary>The session every client works through: always the same steps, tickets and look-ups.</summary>
internal sealed class SessionScript
{
    private const int WorkSteps = 38;
    private const int PauseAfter = 9;
    private const int BurstAfter = 20;
    private const int BurstSize = 60;

    private SessionScript(List<Step> steps) => Steps = steps;

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>The most model requests a client needs, without retries.</summary>
    public int MaxRequests => Steps.Sum(step => step switch
    {
        WorkStep work => LookUps(work.Text) + 1,
        ReportStep => 1,
        ClassifyStep => 1,
        BurstStep burst => burst.Tickets.Count,
        _ => 0,
    });

    public static SessionScript Create()
    {
        var steps = new List<Step>();
        for (var number = 1; number <= WorkSteps; number++)
        {
            steps.Add(new WorkStep(WorkText(number)));
            // Every third ticket is the one that came in two steps before.
            steps.Add(new ClassifyStep(Tickets.Text(number % 3 == 0 ? number - 2 : number), IsRepeated: number % 3 == 0));
            if (number == PauseAfter)
                steps.Add(new PauseStep(TimeSpan.FromMinutes(8)));
            if (number == BurstAfter)
                steps.Add(new BurstStep([.. Enumerable.Range(200, BurstSize).Select(Tickets.Text)]));
        }

        steps.Add(new ReportStep("Report: list every decision of this session in one paragraph. No look-ups."));
        return new SessionScript(steps);
    }

    /// <summary>How many look-ups a step needs; the text says so, as people do ("check three places").</summary>
    public static int LookUps(string text)
    {
        var marker = text.IndexOf("look-ups: ", StringComparison.Ordinal);
        return marker < 0 ? 0 : text[marker + "look-ups: ".Length] - '0';
    }

    private static string WorkText(int number)
    {
        string[] services = ["gateway", "billing", "ledger", "catalog", "search", "mailer"];
        var service = services[number % services.Length];
        var other = services[(number * 5 + 1) % services.Length];
        return $"Step {number} of {WorkSteps}: {service} and {other} disagree about order #{48_000 + (number * 37)} since {9 + (number % 9)}:{number % 6}0 UTC. "
            + $"Find out which of them is right, and what the customer has to be told. Needed look-ups: {2 + (number % 3)}.";
    }
}
