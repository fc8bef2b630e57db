using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.Models;

namespace TokenBudget.CompilerServices;

/// <summary>
/// Step 2 for a question in other words: of calls that are alike in everything but their last user text, one may get another's answer. The exact answer comes first, and a similar
/// one is never kept as the answer to the question it served for. Thread-safe.
/// </summary>
/// <param name="shared">What methods share.</param>
/// <param name="embeddings">The method's way to embeddings.</param>
/// <param name="answers">Where the answers are.</param>
/// <param name="threshold">The least similarity.</param>
internal sealed class MethodSimilarity(SimilarAnswers shared, BudgetedEmbeddings embeddings, IResponseCache answers, double threshold)
{
    // Equal calls at the same time ask for one embedding.
    private readonly ConcurrentDictionary<EntryKey, Lazy<Task<(float[]? Vector, Usd Cost)>>> _running = [];

    /// <summary>Looks for an answer; none, and no search either, for a call that is not to be compared.</summary>
    /// <param name="question">The question and where it belongs.</param>
    /// <param name="entry">Whose answer it is.</param>
    /// <param name="request">The call.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<SimilaritySearch> FindAsync(ComparedQuestion question, CacheEntryInfo entry, AgentRequest request, CancellationToken cancellationToken)
    {
        if (await answers.TryGetAsync(question.Key, entry, cancellationToken).ConfigureAwait(false) is { } exact)
            return new SimilaritySearch(new CacheResult(exact, CacheOutcome.Hit));

        var key = new EntryKey(question.Key, entry.Scope);
        var vector = await EmbedAsync(key, question.Text, request, cancellationToken).ConfigureAwait(false);
        if (vector is null)
            return default;

        var partition = new EntryKey(question.Partition, entry.Scope);
        var wasGuarded = false;
        foreach (var (known, similarity) in shared.Questions.Search(partition, vector, Math.Max(threshold, request.Similarity ?? 0)))
        {
            if (!SimilarityGuard.MayShareAnswer(known.Text, question.Text))
            {
                wasGuarded = true;
            }
            else if (await answers.TryGetAsync(known.Answer.Key, entry, cancellationToken).ConfigureAwait(false) is { } similar)
            {
                shared.Questions.Touch(known);
                shared.CountHit();
                return new SimilaritySearch(new CacheResult(similar, CacheOutcome.Similar), similarity);
            }
            else
            {
                shared.Questions.Remove(known);
            }
        }

        shared.CountMiss(wasGuarded);
        return new SimilaritySearch(New: new SimilarQuestion(partition, key, question.Text, vector));
    }

    /// <summary>A new question has got its answer.</summary>
    public void Learn(SimilaritySearch search, CacheOutcome outcome)
    {
        // An answer that is about to go serves nobody else; of those who shared one, the first has remembered it.
        if (search.New is { } question && outcome is CacheOutcome.Miss or CacheOutcome.Hit)
            shared.Questions.Add(question);
    }

    private async ValueTask<float[]?> EmbedAsync(EntryKey key, string text, AgentRequest request, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<(float[]? Vector, Usd Cost)>>(() => embeddings.TryEmbedAsync(text, request.Tenant));
        var running = _running.GetOrAdd(key, mine);
        try
        {
            var (vector, cost) = await running.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (ReferenceEquals(running, mine))
            {
                request.Report?.Add(cost);
                request.Ceiling?.Settle(held: Usd.Zero, cost);
            }

            return vector;
        }
        finally
        {
            if (ReferenceEquals(running, mine))
                _ = running.Value.ContinueWith(_ => _running.TryRemove(new(key, mine)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
