using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Gives the parameters a prompt names their place in it.</summary>
internal static class PromptBinder
{
    /// <summary>The pieces of a prompt.</summary>
    /// <param name="template">The text.</param>
    /// <param name="parameters">The method's parameters; those named become parts of the prompt.</param>
    /// <param name="problem">What is wrong with it, or null.</param>
    public static List<PromptPart> Bind(string template, List<ParameterModel> parameters, out string? problem)
    {
        var prompt = PromptTemplate.Parse(template, out problem);
        if (problem is null && prompt.Count == 0)
            problem = "its prompt is empty; remove [Prompt] or write one";
        foreach (var part in prompt)
        {
            if (problem is not null)
                break;
            if (part.IsValue)
                problem = Bind(part.Text, parameters);
        }

        return prompt;
    }

    private static string? Bind(string name, List<ParameterModel> parameters)
    {
        var index = parameters.FindIndex(parameter => parameter.Name == name);
        if (index < 0)
        {
            var near = parameters.Find(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            return $"its prompt names '{{{name}}}', which is no parameter{(near is null ? "" : $"; write '{{{near.Name}}}'")}";
        }

        if (parameters[index].Role is not (ParameterRole.KeyPart or ParameterRole.PromptValue or ParameterRole.Ignored))
            return $"its prompt names '{{{name}}}', which is never part of the text; remove the placeholder";
        if (!parameters[index].HasText)
            return $"its prompt names '{{{name}}}', and of {parameters[index].Type.Replace("global::", "")} the model would read nothing but the type's name; override ToString, make it a record, or take what it consists of";
        parameters[index] = parameters[index] with { Role = ParameterRole.PromptValue };
        return null;
    }
}
