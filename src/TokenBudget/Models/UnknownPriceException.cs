namespace TokenBudget.Models;

/// <summary>A model, or its price, is not in the catalogue. What cannot be priced is not sent: an unknown price is not zero.</summary>
public sealed class UnknownPriceException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="modelId">The model that was asked for.</param>
    public UnknownPriceException(string modelId)
        : base(
            $"There is no price for model '{modelId}'. Add it: options.Models = ModelCatalogue.Default.With(new ModelInfo {{ Id = \"{modelId}\", Provider = …, Prices = … }}), " +
            $"or list it in a file of the form of models.json and load that with ModelCatalogue.Load. Without any limit or tracking of cost, set AllowUnknownPrices.") =>
        ModelId = modelId;

    /// <summary>The model that was asked for.</summary>
    public string ModelId { get; }
}
