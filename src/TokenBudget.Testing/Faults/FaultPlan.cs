using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TokenBudget.Testing;

/// <summary>Ready plans for <see cref="SimulatorOptions.Faults"/>. A plan of your own is any function from a request to a fault or <see langword="null"/>.</summary>
/// <remarks>All are thread-safe. Only valid requests are asked about: what is answered 400, 401 or 404 anyway needs no fault.</remarks>
public static class FaultPlan
{
    /// <summary>The n-th valid request gets the n-th fault; <see langword="null"/> is no fault, as is everything after the last.</summary>
    /// <param name="faults">The faults in order.</param>
    /// <returns>A plan with its own position: use it for one simulator.</returns>
    public static Func<SimulatedRequest, SimulatedFault?> InOrder(params IReadOnlyList<SimulatedFault?> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        SimulatedFault?[] plan = [.. faults];
        var next = -1;
        return _ => Interlocked.Increment(ref next) is var index && index >= 0 && index < plan.Length ? plan[index] : null;
    }

    /// <summary>The first attempts of every logical call get the faults in order; later attempts are well.</summary>
    /// <param name="faults">The fault of the first attempt, of the second, and so on; <see langword="null"/> is no fault.</param>
    public static Func<SimulatedRequest, SimulatedFault?> EachCall(params IReadOnlyList<SimulatedFault?> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        SimulatedFault?[] plan = [.. faults];
        return request => request.Attempt <= plan.Length ? plan[request.Attempt - 1] : null;
    }

    /// <summary>Requests of these numbers, in order of arrival from 1, get these faults.</summary>
    /// <param name="faults">Number and fault.</param>
    public static Func<SimulatedRequest, SimulatedFault?> At(params IReadOnlyList<(int Number, SimulatedFault Fault)> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var plan = faults.ToDictionary(entry => entry.Number, entry => entry.Fault);
        return request => plan.GetValueOrDefault(request.Number);
    }

    /// <summary>Requests for which a condition holds get a fault.</summary>
    /// <param name="condition">Called from many threads at once.</param>
    /// <param name="fault">The fault.</param>
    public static Func<SimulatedRequest, SimulatedFault?> When(Func<SimulatedRequest, bool> condition, SimulatedFault fault)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(fault);
        return request => condition(request) ? fault : null;
    }

    /// <summary>Each fault strikes a share of the requests, drawn by a seed.</summary>
    /// <param name="seed">The same seed strikes the same attempts of the same calls, in whatever order they arrive.</param>
    /// <param name="faults">The share, 0 to 1, and the fault; the shares add up to 1 at most.</param>
    /// <exception cref="ArgumentException">A share is out of range, or all together are.</exception>
    public static Func<SimulatedRequest, SimulatedFault?> Seeded(int seed, params IReadOnlyList<(double Share, SimulatedFault Fault)> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        (double Share, SimulatedFault Fault)[] plan = [.. faults];
        if (plan.Any(entry => entry.Share is not (>= 0 and <= 1)) || plan.Sum(entry => entry.Share) > 1 + 1e-9)
            throw new ArgumentException("Shares lie between 0 and 1 and add up to 1 at most.", nameof(faults));
        return request =>
        {
            var draw = Draw(seed, request);
            foreach (var (share, fault) in plan)
            {
                if (draw < share)
                    return fault;
                draw -= share;
            }

            return null;
        };
    }

    /// <summary>Asks one plan after the other; the first fault counts.</summary>
    /// <param name="plans">The plans in order.</param>
    public static Func<SimulatedRequest, SimulatedFault?> FirstOf(params IReadOnlyList<Func<SimulatedRequest, SimulatedFault?>> plans)
    {
        ArgumentNullException.ThrowIfNull(plans);
        Func<SimulatedRequest, SimulatedFault?>[] all = [.. plans];
        return request =>
        {
            foreach (var plan in all)
            {
                if (plan(request) is { } fault)
                    return fault;
            }

            return null;
        };
    }

    /// <summary>A number from 0 up to 1 that depends on the seed, the call and the attempt alone: callers that race change nothing.</summary>
    private static double Draw(int seed, SimulatedRequest request)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{request.Attempt}/{request.ClientId}/{request.CallId}")));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
