using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteSharedLimitTests : SharedLimitConformance
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task Eight_processes_of_fifty_callers_admit_exactly_the_limit() =>
        SharingProcess.EightOfFiftyCallersAdmitExactlyTheLimitAsync(typeof(Program).Assembly.Location, "share", _folder.PathOf("shared.db"));

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        var path = _folder.PathOf("text.db");
        await File.WriteAllTextAsync(path, new string('x', 5_000));

        (await Should.ThrowAsync<InvalidDataException>(() => SqliteSharedLimits.OpenAsync(path))).Message.ShouldContain(path);
    }

    protected override async Task<ISharedLimitStore> CreateAsync() => await SqliteSharedLimits.OpenAsync(_folder.PathOf("limits.db"));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
