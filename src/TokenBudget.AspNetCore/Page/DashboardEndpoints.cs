using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Page;

/// <summary>The page at <c>/tokenbudget</c> and its files.</summary>
internal sealed class DashboardEndpoints
{
    // Everything comes from here and nothing is inline: a name that holds a script is text and stays text.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly DashboardFiles _files = new();

    public Task PageAsync(HttpContext context)
    {
        // The page's files are named relative to an address without a slash at its end.
        if (context.Request.Path.Value is [.., '/'])
        {
            context.Response.Redirect("../tokenbudget");
            return Task.CompletedTask;
        }

        return SendAsync(context, _files.Index);
    }

    public Task FileAsync(HttpContext context) => _files.Find((string)context.Request.RouteValues["file"]!) is { } file
        ? SendAsync(context, file)
        : Answer.ProblemAsync(context, StatusCodes.Status404NotFound, "The dashboard has no such file.");

    private static Task SendAsync(HttpContext context, (string Type, byte[] Content) file)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        context.Response.ContentType = file.Type;
        context.Response.ContentLength = file.Content.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }
}
