namespace TokenBudget.Generators.Diagnostics;

/// <summary>The ids of the rules. Linked into the code fixes, which do not reference this project. An id is never used again.</summary>
internal static class DiagnosticIds
{
    public const string HistoryGrowsInLoop = "TB0001";
    public const string HistoryGrowsInMember = "TB0002";
    public const string StoredHistorySentWhole = "TB0003";
    public const string HistorySentTwice = "TB0004";
    public const string ReplyNotKept = "TB0005";
    public const string ReplyInUserRole = "TB0006";
    public const string SharedHistory = "TB0007";
    public const string HistoriesNeverEvicted = "TB0008";
    public const string UnlimitedToolLoop = "TB0009";
    public const string UnlimitedRecursion = "TB0010";
    public const string DefaultToolLimit = "TB0011";
    public const string UnattendedLoop = "TB0012";
    public const string NoOutputLimit = "TB0013";
    public const string RetryWithoutDelay = "TB0014";
    public const string RetryIgnoresServer = "TB0015";
    public const string CachedTools = "TB0017";
    public const string SensitiveTelemetry = "TB0018";
    public const string PromptLogged = "TB0019";
    public const string ClientPerCall = "TB0020";
    public const string StreamUsageLost = "TB0021";
    public const string AgentKeepsAll = "TB0022";
    public const string UnlimitedRequestHistory = "TB0023";
    public const string UnlimitedText = "TB0024";
    public const string UnlimitedFanOut = "TB0025";
    public const string CannotBeGenerated = "TB0100";
    public const string UnlimitedRounds = "TB0101";
    public const string NoHistoryPolicy = "TB0102";
    public const string FixedPartTooLarge = "TB0103";
    public const string CallTooDear = "TB0104";
    public const string UnknownPrice = "TB0105";
    public const string UselessCache = "TB0106";
    public const string ImpossibleRetry = "TB0107";
    public const string NoCancellation = "TB0108";
    public const string VolatilePrefix = "TB0109";
    public const string UnboundedParameter = "TB0110";
    public const string UnkeyableParameter = "TB0111";
    public const string UnscopedCache = "TB0112";
    public const string ContradictingLimits = "TB0113";
    public const string SharedLimitClash = "TB0114";
    public const string AttributeWithoutEffect = "TB0115";
    public const string UndescribedTool = "TB0116";
    public const string NoReflection = "TB0117";
    public const string PastTheBudget = "TB0118";
    public const string CeilingRose = "TB0120";
    public const string ContractChanged = "TB0121";
    public const string UnreadableLock = "TB0122";
}
