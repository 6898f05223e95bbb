using System.Collections.Concurrent;

namespace SignalFlow.Api.Live;

/// <summary>
/// Starts the clients' sending, a few at a time. Thousands that become due at once would otherwise all copy their message into the connections' buffers
/// before the first of them is handed to the system, which queues behind them: every buffer in use at the same time, and each one cold when it is read.
/// </summary>
internal sealed class LivePump : IThreadPoolWorkItem
{
    // Of the process, as the thread pool is.
    private static readonly LivePump Shared = new();
    private static readonly int MostWorkers = Environment.ProcessorCount;

    private readonly ConcurrentQueue<LiveClient> _due = new();
    private int _workers;

    public static void Start(LiveClient client)
    {
        Shared._due.Enqueue(client);
        Shared.AddWorker();
    }

    /// <summary>One client, and to the end of the thread pool's queue: what the last one has written goes out before the next one writes.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_due.TryDequeue(out var client))
        {
            client.Pump();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        Interlocked.Decrement(ref _workers);
        // One may have come between the look and the leave.
        if (!_due.IsEmpty)
            AddWorker();
    }

    private void AddWorker()
    {
        var workers = Volatile.Read(ref _workers);
        while (workers < MostWorkers)
        {
            var seen = Interlocked.CompareExchange(ref _workers, workers + 1, workers);
            if (seen == workers)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            workers = seen;
        }
    }
}
