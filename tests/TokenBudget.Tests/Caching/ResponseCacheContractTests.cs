using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

public sealed class ResponseCacheContractTests : ResponseCacheContract
{
    protected override IResponseCache Create() => CacheSample.Cache();
}
