using System.Globalization;

namespace TokenBudget.Retries;

/// <summary>The provider refuses because of money: a credit, a quota or a spend limit of the account is used up. It is never tried again by itself; nothing was spent.</summary>
public sealed class ProviderSpendLimitException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="pause">The pause that follows.</param>
    /// <param name="wasSent">Whether this call was sent; otherwise it was refused because an earlier one was.</param>
    /// <param name="innerException">The SDK's exception, if the call was sent.</param>
    public ProviderSpendLimitException(SpendLimitPause pause, bool wasSent, Exception? innerException = null)
        : base(Describe(pause, wasSent), innerException)
    {
        Pause = pause;
        WasSent = wasSent;
    }

    /// <summary>The provider, its words, and when it is asked again.</summary>
    public SpendLimitPause Pause { get; }

    /// <summary>Whether this call reached the provider.</summary>
    public bool WasSent { get; }

    private static string Describe(SpendLimitPause pause, bool wasSent)
    {
        ArgumentNullException.ThrowIfNull(pause);
        var said = pause.Error.Message is { Length: > 0 } words ? words : pause.Error.ToString();
        var what = wasSent ? "refused the call" : "refused an earlier call, so this one was not sent";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{pause.Provider} {what}, because the account's money is used up: '{said}' Top up the credit or raise the spend limit in the provider's console; calls are refused until {pause.Until:u}, then one asks again. TokenBudgetRuntime.Providers.Resume() ends the pause at once.");
    }
}
