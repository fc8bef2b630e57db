using FsCheck;
using FsCheck.Fluent;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>Pairs that embeddings take for the same. All of them are judged in both directions.</summary>
public sealed class SimilarityGuardTests
{
    [Theory]
    [InlineData("How do I reset my password?", "how can I reset my password")]
    [InlineData("How do I reset my password?", "Hello, could you please tell me how I can reset my password?")]
    [InlineData("What is your refund policy?", "What's the refund policy?")]
    [InlineData("What’s your refund policy", "what is your refund policy")]
    [InlineData("Can Alice pay with 2 cards?", "can Alice please pay with 2 cards")]
    [InlineData("I don't get an invoice", "I do not get an invoice.")]
    [InlineData("You cannot ship it?", "You can't ship it")]
    [InlineData("Wie kann ich mein Passwort zurücksetzen?", "Hallo! Wie kann ich mein Passwort zurücksetzen")]
    public void The_same_question_in_other_small_words_may_share_an_answer(string known, string asked) => Judge(known, asked).ShouldBeTrue();

    [Theory]
    [InlineData("Can I return it?", "Can I not return it?")]
    [InlineData("Is it safe to take with alcohol?", "Isn't it safe to take with alcohol?")]
    [InlineData("Can I travel with a visa?", "Can I travel without a visa?")]
    [InlineData("Do you ship to islands?", "Do you never ship to islands?")]
    [InlineData("Darf ich hier parken?", "Darf ich hier nicht parken?")]
    [InlineData("Je peux fumer ici ?", "Je ne peux pas fumer ici ?")]
    [InlineData("Puedo fumar aquí", "No puedo fumar aquí")]
    [InlineData("Можно тут курить?", "Можно тут не курить?")]
    public void A_negation_is_another_question(string known, string asked) => Judge(known, asked).ShouldBeFalse();

    [Theory]
    [InlineData("What is 15 % of 80?", "What is 50 % of 80?")]
    [InlineData("What is 15 % of 80?", "What is 80 % of 15?")]
    [InlineData("Convert 5 km to miles", "Convert 5.0 km to miles")]
    [InlineData("Convert km to miles", "Convert 5 km to miles")]
    [InlineData("A fee of $5", "A fee of €5")]
    [InlineData("Is -5 cold?", "Is 5 cold?")]
    [InlineData("Two of them left", "Three of them left")]
    [InlineData("Was ist mit zwei Karten?", "Was ist mit drei Karten?")]
    [InlineData("What changed in v1.2?", "What changed in v1.3?")]
    [InlineData("Flights on 3 May", "Flights on 4 May")]
    [InlineData("Ist ¼ genug?", "Ist ½ genug?")]
    public void Another_number_is_another_question(string known, string asked) => Judge(known, asked).ShouldBeFalse();

    [Theory]
    [InlineData("How much does Alice owe?", "How much does Bob owe?")]
    [InlineData("How much does alice owe?", "How much does bob owe?")]
    [InlineData("Alice owes how much?", "Bob owes how much?")]
    [InlineData("What does the plan cost?", "What does the plan cost in Norway?")]
    [InlineData("Is the API down?", "Is the API down at ACME?")]
    [InlineData("Did Alice pay Bob?", "Did Bob pay Alice?")]
    [InlineData("Write to a@example.com", "Write to b@example.com")]
    [InlineData("Who is the CEO of Contoso?", "Who is the CEO of Fabrikam?")]
    public void Another_name_is_another_question(string known, string asked) => Judge(known, asked).ShouldBeFalse();

    [Theory]
    [InlineData("Is a lion bigger than a tiger?", "Is a tiger bigger than a lion?")]
    [InlineData("convert celsius to fahrenheit", "convert fahrenheit to celsius")]
    [InlineData("trains from here to there", "trains to here from there")]
    [InlineData("how do I open an account", "how do I close an account")]
    [InlineData("increase the limit", "decrease the limit")]
    [InlineData("Is the shop open on monday?", "Is the shop open on tuesday?")]
    [InlineData("Delete the file", "Delete all the files")]
    [InlineData("Delete this file", "Delete every file except this file")]
    [InlineData("the newest order", "the oldest order")]
    [InlineData("What is my balance?", "What is his balance?")]
    [InlineData("Must I pay?", "May I pay?")]
    [InlineData("if (a<b)", "if (a>b)")]
    [InlineData("Cancel my order", "Cancel my last order")]
    [InlineData("refund", "invoice")]
    public void Another_thing_or_another_order_is_another_question(string known, string asked) => Judge(known, asked).ShouldBeFalse();

    [Theory]
    [InlineData("密码怎么重置？", "密码怎么重置")]
    [InlineData("كيف أعيد تعيين كلمة المرور", "كيف أعيد تعيين كلمة المرور؟")]
    [InlineData("भाषा क्या है", "भाषा क्या है?")]
    [InlineData("", "")]
    [InlineData("???", "!!!")]
    [InlineData("please", "hello")]
    public void What_cannot_be_judged_is_not_the_same(string known, string asked) => Judge(known, asked).ShouldBeFalse();

    /// <summary>Whatever is said: with one word replaced, added as a negation or a number, or two exchanged, it is another question.</summary>
    [Fact]
    public void No_hostile_change_of_any_text_passes()
    {
        string[] vocabulary = ["order", "ship", "Alice", "refund", "to", "from", "my", "account", "blue", "car", "open", "rate", "mail", "Berlin", "late"];
        var words = Gen.ArrayOf(Gen.Elements(vocabulary)).Where(static text => text.Length >= 3);
        var hostile = from text in words
                      from at in Gen.Choose(0, text.Length - 1)
                      from kind in Gen.Choose(0, 3)
                      select (Text: text, At: at, Kind: kind);
        Prop.ForAll(Arb.From(hostile), static pair =>
        {
            var changed = pair.Text.ToList();
            switch (pair.Kind)
            {
                case 0:
                    changed[pair.At] = "zebra";
                    break;
                case 1:
                    changed.Insert(pair.At, "not");
                    break;
                case 2:
                    changed.Insert(pair.At, "17");
                    break;
                default:
                    var other = (pair.At + 1) % changed.Count;
                    (changed[pair.At], changed[other]) = (changed[other], changed[pair.At]);
                    break;
            }

            return changed.SequenceEqual(pair.Text) || !Judge(string.Join(' ', pair.Text), string.Join(' ', changed));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static bool Judge(string known, string asked)
    {
        var verdict = SimilarityGuard.MayShareAnswer(known, asked);
        SimilarityGuard.MayShareAnswer(asked, known).ShouldBe(verdict);
        return verdict;
    }
}
