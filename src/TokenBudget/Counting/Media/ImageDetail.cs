namespace TokenBudget.Counting.Media;

/// <summary>How closely a model looks at a picture, in the words of OpenAI's <c>detail</c>.</summary>
internal enum ImageDetail
{
    /// <summary>Nothing was asked for, or <c>auto</c>.</summary>
    Automatic,
    Low,
    High,

    /// <summary>As it is, as far as the model takes it.</summary>
    Original,
}
