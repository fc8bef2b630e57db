namespace TokenBudget.Counting;

/// <summary>How requests of one model are counted.</summary>
/// <param name="Messages">Counts with the model's encoding, or o200k_base where none is public.</param>
/// <param name="Calibration">The model's tokens for each of those.</param>
public sealed record ModelCounter(MessageCounter Messages, TokenCalibration Calibration);
