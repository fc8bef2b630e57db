using System.Globalization;
using System.Text;

namespace Orchestrator.Session;

/// <summary>Tickets as customers write them: long, with a log pasted in.</summary>
internal static class Tickets
{
    private const int PastedLines = 150;

    /// <summary>The text of a ticket; the same number gives the same text.</summary>
    public static string Text(int number)
    {
        var random = new Random(number);
        string[] openings =
        [
            "Since this morning our checkout fails with an error and customers cannot pay.",
            "How do I export all invoices of last quarter as one file?",
            "Please add a second approver to our refunds above 500 EUR.",
        ];
        var text = new StringBuilder().Append(openings[number % openings.Length]).Append(" Ticket T-").Append(number).Append(". This is what we see:\n");
        for (var line = 0; line < PastedLines; line++)
            text.Append(CultureInfo.InvariantCulture, $"{line:D3} trace={random.Next():x8} tenant=t{random.Next(100)} status={(random.Next(5) == 0 ? 502 : 200)} ms={random.Next(2_000)}\n");
        return text.ToString();
    }
}
