namespace Orchestrator.Session;

/// <summary>The session every client works through: always the same steps, tickets and look-ups.</summary>
internal sealed class SessionScript
{
    private SessionScript(List<Step> steps) => Steps = steps;

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>How often a ticket comes in that came in before.</summary>
    public int Repeated => Steps.OfType<ClassifyStep>().Count(step => step.IsRepeated);

    /// <summary>The session.</summary>
    /// <param name="workSteps">How many steps the agent works through; a ticket comes in after each.</param>
    /// <param name="burst">How many tickets come in at once, half-way.</param>
    /// <param name="pause">How long nobody asks anything, after a quarter.</param>
    public static SessionScript Create(int workSteps = 38, int burst = 60, TimeSpan? pause = null)
    {
        var steps = new List<Step>();
        for (var number = 1; number <= workSteps; number++)
        {
            steps.Add(new WorkStep(WorkText(number, workSteps)));
            // Every third ticket is the one that came in two steps before.
            steps.Add(new ClassifyStep(Tickets.Text(number % 3 == 0 ? number - 2 : number), IsRepeated: number % 3 == 0));
            if (number == workSteps / 4 && pause is { } length)
                steps.Add(new PauseStep(length));
            if (number == workSteps / 2)
                steps.Add(new BurstStep([.. Enumerable.Range(200, burst).Select(Tickets.Text)]));
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

    private static string WorkText(int number, int workSteps)
    {
        string[] services = ["gateway", "billing", "ledger", "catalog", "search", "mailer"];
        var service = services[number % services.Length];
        var other = services[(number * 5 + 1) % services.Length];
        return $"Step {number} of {workSteps}: {service} and {other} disagree about order #{48_000 + (number * 37)} since {9 + (number % 9)}:{number % 6}0 UTC. "
            + $"Find out which of them is right, and what the customer has to be told. Needed look-ups: {2 + (number % 3)}.";
    }
}
