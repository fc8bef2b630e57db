using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class SecondLevelPayloadTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CacheGenerations Generations = new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tenant")]
    [InlineData("Mieter-ä-😀")]
    public void What_was_written_is_read(string? scope)
    {
        var key = new EntryKey(Key(), scope);
        var bytes = SecondLevelPayload.Write(key, Generations, Now, TimeSpan.FromMinutes(5), [1, 2, 3]);
        var read = SecondLevelPayload.TryRead(bytes, key, Generations, Now.AddMinutes(1)).ShouldNotBeNull();
        (read.Age, read.Ttl).ShouldBe((TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        read.Json.ShouldBe([1, 2, 3]);

        SecondLevelPayload.TryRead(bytes, key with { Key = Key("y") }, Generations, Now).ShouldBeNull();
        SecondLevelPayload.TryRead(bytes, key with { Scope = scope + "x" }, Generations, Now).ShouldBeNull();
        SecondLevelPayload.TryRead(bytes, key with { Scope = scope is null ? "" : null }, Generations, Now).ShouldBeNull();
        foreach (var other in (CacheGenerations[])[
            Generations with { All = Guid.NewGuid() }, Generations with { Agent = Guid.NewGuid() },
            Generations with { Method = Guid.NewGuid() }, Generations with { Scope = Guid.NewGuid() }])
            SecondLevelPayload.TryRead(bytes, key, other, Now).ShouldBeNull();
    }

    [Fact]
    public void A_writer_whose_clock_is_ahead_gives_no_longer_life()
    {
        var key = new EntryKey(Key(), null);
        var bytes = SecondLevelPayload.Write(key, Generations, Now.AddMinutes(5), TimeSpan.FromMinutes(10), [1]);
        SecondLevelPayload.TryRead(bytes, key, Generations, Now).ShouldNotBeNull().Age.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void No_damage_is_read_as_an_answer()
    {
        var rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 100_000 : 10_000;
        var key = new EntryKey(Key(), "tenant");
        var whole = SecondLevelPayload.Write(key, Generations, Now, TimeSpan.FromMinutes(5), ResponsePayload.TryWrite(Answer("An answer of some length."))!);
        var random = new Random(39);
        for (var round = 0; round < rounds; round++)
        {
            var damaged = Damage(whole, random);
            if (!damaged.AsSpan().SequenceEqual(whole))
                SecondLevelPayload.TryRead(damaged, key, Generations, Now).ShouldBeNull($"round {round}");
        }
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = (byte[])whole.Clone();
        switch (random.Next(5))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                return [.. bytes, .. new byte[1 + random.Next(64)]];
            case 3:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            default:
                random.NextBytes(bytes);
                return bytes;
        }
    }
}
