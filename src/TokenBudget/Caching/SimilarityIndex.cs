using System.Numerics.Tensors;

namespace TokenBudget.Caching;

/// <summary>
/// Questions by their embeddings, in partitions that know nothing of each other. It holds no answers: those stay in the cache, under their own keys, with its time to live and its
/// clearing. Bounded by bytes, the least recently useful goes first. Thread-safe.
/// </summary>
internal sealed class SimilarityIndex(long maxBytes)
{
    /// <summary>Of more candidates the guards see only the nearest.</summary>
    private const int MostCandidates = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<EntryKey, List<SimilarQuestion>> _partitions = [];
    private readonly Dictionary<EntryKey, LinkedListNode<SimilarQuestion>> _byAnswer = [];

    /// <summary>Most recently useful first.</summary>
    private readonly LinkedList<SimilarQuestion> _order = new();

    private long _bytes;

    public (int Entries, long Bytes) Size
    {
        get
        {
            lock (_gate)
                return (_byAnswer.Count, _bytes);
        }
    }

    /// <summary>Remembers a question in place of the one with the same answer.</summary>
    public void Add(SimilarQuestion question)
    {
        if (question.Bytes > maxBytes)
            return;
        lock (_gate)
        {
            if (_byAnswer.TryGetValue(question.Answer, out var old))
                Remove(old);
            while (_bytes + question.Bytes > maxBytes)
                Remove(_order.Last!);
            _byAnswer.Add(question.Answer, _order.AddFirst(question));
            if (!_partitions.TryGetValue(question.Partition, out var partition))
                _partitions.Add(question.Partition, partition = []);
            partition.Add(question);
            _bytes += question.Bytes;
        }
    }

    /// <summary>The questions of a partition that are at least so near, the nearest first.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="vector">The embedding, of length 1.</param>
    /// <param name="threshold">The least cosine of the angle between the two.</param>
    public IReadOnlyList<(SimilarQuestion Question, double Similarity)> Search(EntryKey partition, float[] vector, double threshold)
    {
        SimilarQuestion[] questions;
        lock (_gate)
        {
            if (!_partitions.TryGetValue(partition, out var list))
                return [];
            questions = [.. list];
        }

        var near = new List<(SimilarQuestion Question, double Similarity)>();
        foreach (var question in questions)
            // Another length is another model's.
            if (question.Vector.Length == vector.Length && TensorPrimitives.Dot(question.Vector, vector) is var similarity && similarity >= threshold)
                near.Add((question, similarity));
        near.Sort(static (left, right) => right.Similarity.CompareTo(left.Similarity));
        return near.Count > MostCandidates ? near[..MostCandidates] : near;
    }

    /// <summary>The question was answered from this one.</summary>
    public void Touch(SimilarQuestion question)
    {
        lock (_gate)
        {
            if (!_byAnswer.TryGetValue(question.Answer, out var node) || !ReferenceEquals(node.Value, question))
                return;
            _order.Remove(node);
            _order.AddFirst(node);
        }
    }

    /// <summary>Its answer is gone.</summary>
    public void Remove(SimilarQuestion question)
    {
        lock (_gate)
            if (_byAnswer.TryGetValue(question.Answer, out var node) && ReferenceEquals(node.Value, question))
                Remove(node);
    }

    private void Remove(LinkedListNode<SimilarQuestion> node)
    {
        var question = node.Value;
        _order.Remove(node);
        _byAnswer.Remove(question.Answer);
        var partition = _partitions[question.Partition];
        partition.Remove(question);
        if (partition.Count == 0)
            _partitions.Remove(question.Partition);
        _bytes -= question.Bytes;
    }
}
