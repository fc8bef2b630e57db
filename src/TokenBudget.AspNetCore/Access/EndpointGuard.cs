using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Access;

/// <summary>Stands in front of every endpoint of the group, whoever mapped it: belongs to the endpoint, not to a path, so no spelling of a path gets around it.</summary>
/// <param name="loopbackOnly">Whether only direct requests of this machine are answered.</param>
internal sealed class EndpointGuard(bool loopbackOnly)
{
    public void Apply(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } answer)
            return;
        var isSocket = endpoint.Metadata.OfType<SameOriginOnly>().Any();
        endpoint.RequestDelegate = context =>
        {
            var headers = context.Response.Headers;
            headers.CacheControl = "no-store";
            headers.XContentTypeOptions = "nosniff";
            return Refusal(context, isSocket) is { } reason ? Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, reason) : answer(context);
        };
    }

    private string? Refusal(HttpContext context, bool isSocket) =>
        (loopbackOnly ? LoopbackRule.Refusal(context) : null)
        ?? (isSocket && Origin.IsForeign(context.Request) ? "This endpoint does not answer pages of another origin." : null)
        ?? (isSocket || IsRead(context.Request) ? null : MutationRule.Refusal(context.Request));

    private static bool IsRead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
}
