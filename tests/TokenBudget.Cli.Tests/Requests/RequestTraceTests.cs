using System.IO.Compression;
using System.Text;
using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class RequestTraceTests : IDisposable
{
    private const string Header = "seconds_from_start,input_tokens,output_tokens\n";
    private readonly CommandLine _cli = new();

    [Fact]
    public void Rows_are_requests_and_other_columns_are_passed_over()
    {
        var trace = new RequestTrace(_cli.Write("load.csv", "\uFEFFsession, Output_Tokens ,seconds_from_start,input_tokens\r\na,2,0.5,10\r\n\r\nb,0,1.25,20\n"));

        trace.Read().ShouldBe([new TracedRequest(0, 5_000_000, 10, 2), new TracedRequest(1, 12_500_000, 20, 0)]);
        trace.Name.ShouldBe("load");
        trace.MeanTokensPerMinute().ShouldBe(32 * 60 / 0.75);
    }

    [Fact]
    public void Compressed_traces_are_read()
    {
        var trace = new RequestTrace(_cli.Write("load.dev.csv.gz", Gzip(Header + "0,1,2\n")));

        trace.Read().ShouldBe([new TracedRequest(0, 0, 1, 2)]);
        trace.Name.ShouldBe("load.dev");
    }

    [Theory]
    [InlineData("", "line 1: the file is empty")]
    [InlineData("seconds_from_start,input_tokens\n0,1\n", "line 1: the header has no column 'output_tokens'; a trace needs seconds_from_start, input_tokens and output_tokens")]
    [InlineData(Header, "line 1: the trace has a header, but no requests")]
    [InlineData(Header + "0,1\n", "line 2: the row has other columns than the header, which has 3")]
    [InlineData(Header + "0,1,2,3\n", "line 2: the row has other columns")]
    [InlineData(Header + "0,1,2\n1,-5,2\n", "line 3: input_tokens is -5, but must be between 0 and 2147483647")]
    [InlineData(Header + "0,1,99999999999\n", "line 2: output_tokens is 99999999999, but must be between")]
    [InlineData(Header + "0,1,1.5\n", "line 2: output_tokens is '1.5', which is not a whole number")]
    [InlineData(Header + "0,,1\n", "line 2: input_tokens is '', which is not a whole number")]
    [InlineData(Header + "-1,1,1\n", "line 2: seconds_from_start is -1, but must be between 0 and")]
    [InlineData(Header + "1e30,1,1\n", "line 2: seconds_from_start is")]
    [InlineData(Header + "NaN,1,1\n", "line 2: seconds_from_start is 'NaN', which is not a number")]
    [InlineData(Header + "0,1,1\n2.5,1,1\n2,1,1\n", "line 4: the request arrived at 2 s, before the one above it (2.5 s); sort the rows by seconds_from_start")]
    public void What_is_wrong_is_named_with_its_line(string text, string expected)
    {
        var trace = new RequestTrace(_cli.Write("bad.csv", text));

        Should.Throw<CliException>(() => trace.Read().Count()).Message.ShouldContain(expected);
    }

    [Fact]
    public void Damaged_data_is_named()
    {
        var whole = Gzip(Header + string.Concat(Enumerable.Range(0, 5_000).Select(static second => FormattableString.Invariant($"{second},{second * 7919 % 1009},{second * 31 % 97}\n"))));

        foreach (var bytes in new[] { whole[..(whole.Length / 2)], Encoding.UTF8.GetBytes(Header + "0,1,2\n") })
            Should.Throw<CliException>(() => new RequestTrace(_cli.Write("bad.csv.gz", bytes)).Read().Count()).Message.ShouldContain("the compressed data is damaged");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Should.Throw<CliException>(() => new RequestTrace(_cli.PathOf("none.csv")).Read().Count()).Message.ShouldEndWith("none.csv: there is no such file.");

    [Fact]
    public void Requests_that_all_come_at_once_have_no_mean() =>
        Should.Throw<CliException>(() => new RequestTrace(_cli.Write("burst.csv", Header + "3,1,2\n3,1,2\n")).MeanTokensPerMinute()).Message.ShouldContain("Give --tokens-per-minute");

    public void Dispose() => _cli.Dispose();

    private static byte[] Gzip(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
