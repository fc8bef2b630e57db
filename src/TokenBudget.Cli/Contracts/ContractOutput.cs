namespace TokenBudget.Cli.Contracts;

/// <summary>Something about contracts that can be printed in every format.</summary>
/// <param name="output">Where to.</param>
internal abstract class ContractOutput(TextWriter output)
{
    protected TextWriter Output => output;

    public void Write(ContractFormat format)
    {
        switch (format)
        {
            case ContractFormat.Json:
                output.Write(IndentedJson.Object(WriteJson));
                break;
            case ContractFormat.Markdown:
                WriteMarkdown();
                break;
            case ContractFormat.Sarif:
                output.Write(SarifLog.Write([.. Results()]));
                break;
            default:
                WriteTable();
                break;
        }
    }

    protected abstract void WriteTable();

    protected abstract void WriteMarkdown();

    protected abstract void WriteJson(System.Text.Json.Utf8JsonWriter json);

    protected abstract IEnumerable<SarifResult> Results();
}
