using System.Diagnostics.CodeAnalysis;

namespace SignalFlow.Api.Live;

/// <summary>Why a connection ends.</summary>
internal enum LiveEnd
{
    /// <summary>The client went.</summary>
    Gone,

    /// <summary>The server stops.</summary>
    Stopping,

    /// <summary>The client's token has run out.</summary>
    Expired,

    /// <summary>What the client has shown is good no more: a key that was revoked, a user who was deactivated or signed out.</summary>
    Revoked,

    /// <summary>The client takes nothing.</summary>
    TooSlow,
}

/// <summary>
/// One connection and what waits for it. A client that keeps up gets the messages of its group, shared with all others; for one that does not, they
/// become one message with the newest state per post. Nothing runs for a client that nothing waits for.
/// </summary>
internal abstract class LiveClient(LiveRequest request, LiveOptions options, LiveMetrics metrics, TimeProvider time, LiveTransport transport)
{
    // Beside updates, which become one: a client that asks and does not listen.
    private const int MostWaiting = 32;

    private readonly Lock _lock = new();
    private readonly List<LiveMail> _mails = [];
    private readonly TaskCompletionSource<LiveEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LiveSnapshot? _shown;
    private bool _isSending;
    private long _sendingSince;
    private long _lastSent = time.GetTimestamp();

    public LiveTransport Transport => transport;

    public LiveMetrics Metrics => metrics;

    /// <summary>Changed under the feed's lock only.</summary>
    public LiveRequest Request { get; set; } = request;

    /// <summary>Changed under the feed's lock only.</summary>
    public LiveGroup? Group { get; set; }

    /// <summary>Updates up to here are none of its business. Changed under the feed's lock only.</summary>
    public long After { get; set; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it has shown; null: nothing that could end.</summary>
    public LiveCredential? Credential { get; init; }

    public Task<LiveEnd> Ended => _ended.Task;

    /// <summary>After the end: nothing is being sent any more.</summary>
    public Task Quiet
    {
        get
        {
            lock (_lock)
                return _isSending ? _quiet.Task : Task.CompletedTask;
        }
    }

    /// <summary>It wants to hear more than updates.</summary>
    public virtual bool IsTold => Request.IsTold;

    /// <summary>It hears from us even when there is nothing to say.</summary>
    public virtual bool HasHeartbeat => IsTold;

    /// <summary>Returns when the message has left our memory for the system's; throws when the connection is gone.</summary>
    /// <returns>Bytes.</returns>
    protected abstract ValueTask<int> SendAsync(LiveMessage message);

    /// <summary>An update, or anything else that may be said in between.</summary>
    public void Offer(LiveMessage message)
    {
        lock (_lock)
        {
            if (_ended.Task.IsCompleted)
                return;
            if (message.Type == LiveMessage.Update && _mails is [.., { IsUpdate: true } last] && last.After == After)
            {
                last.Add(message, options.MaxPendingPosts);
                metrics.Coalesced(message.Posts.Count);
            }
            else
            {
                AddNeedsLock(new(message, After));
            }
        }
    }

    /// <summary>What follows waits until the snapshot is there.</summary>
    /// <param name="upTo">Whoever has the snapshot and nothing more has all up to there; null when that cannot be said.</param>
    public LiveMail AwaitSnapshot(long? upTo)
    {
        lock (_lock)
        {
            var mail = new LiveMail(null, After) { UpTo = upTo };
            AddNeedsLock(mail);
            return mail;
        }
    }

    public void Deliver(LiveMail mail, LiveMessage? message, LiveSnapshot snapshot)
    {
        lock (_lock)
        {
            mail.Arrive(message, snapshot);
            PumpNeedsLock();
        }
    }

    public void End(LiveEnd reason)
    {
        lock (_lock)
        {
            if (!_ended.TrySetResult(reason))
                return;
            _mails.Clear();
        }

        if (reason == LiveEnd.TooSlow)
            metrics.TooSlow(transport);
    }

    /// <summary>What time brings: the end of a token, of patience, or of silence.</summary>
    public void Look(DateTimeOffset now, long? sequence)
    {
        var since = Volatile.Read(ref _sendingSince);
        if (ExpiresAt <= now)
            End(LiveEnd.Expired);
        else if (since != 0 && time.GetElapsedTime(since) >= options.SlowClientTimeout)
            End(LiveEnd.TooSlow);
        else if (HasHeartbeat && time.GetElapsedTime(Volatile.Read(ref _lastSent)) >= options.Heartbeat && IsIdle())
            Offer(LiveMessage.Heartbeat(sequence));
    }

    private bool IsIdle()
    {
        lock (_lock)
            return _mails.Count == 0 && !_isSending;
    }

    private void AddNeedsLock(LiveMail mail)
    {
        if (_ended.Task.IsCompleted)
            return;
        if (_mails.Count >= MostWaiting)
        {
            _mails.Clear();
            _ended.TrySetResult(LiveEnd.TooSlow);
            metrics.TooSlow(transport);
            return;
        }

        _mails.Add(mail);
        PumpNeedsLock();
    }

    private void PumpNeedsLock()
    {
        if (_isSending)
            return;
        _isSending = true;
        LivePump.Start(this);
    }

    /// <summary>Sends what waits. Called by the pump only.</summary>
    public void Pump() => _ = PumpAsync();

    private async Task PumpAsync()
    {
        try
        {
            while (TryTake(out var message))
            {
                Volatile.Write(ref _sendingSince, time.GetTimestamp());
                var bytes = await SendAsync(message);
                Volatile.Write(ref _sendingSince, 0);
                Volatile.Write(ref _lastSent, time.GetTimestamp());
                TimeSpan? delay = message.CommittedAt is { } committedAt ? time.GetUtcNow() - committedAt : null;
                if (message.Push is { } push)
                    push.Sent(metrics, transport, bytes, delay);
                else
                    metrics.Sent(transport, bytes, delay);
            }
        }
        catch (Exception)
        {
            // Whatever it is, this connection cannot be written to any more, and its endpoint cleans up.
            End(LiveEnd.Gone);
        }

        if (_ended.Task.IsCompleted)
            _quiet.TrySetResult();
    }

    private bool TryTake([NotNullWhen(true)] out LiveMessage? message)
    {
        lock (_lock)
        {
            message = null;
            while (message is null && _mails is [{ IsThere: true } first, ..])
            {
                if (first.TakeMissed() is { } missed)
                {
                    metrics.Missed(missed);
                    message = TellMissedNeedsLock(missed);
                    continue;
                }

                if (first.Snapshot is { } snapshot)
                    _shown = snapshot;
                message = first.Take(_shown);
                if (first.IsEmpty)
                    _mails.RemoveAt(0);
            }

            _isSending = message is not null;
            return _isSending;
        }
    }

    /// <summary>The states that were passed over, and if it wants snapshots, one before what still waits.</summary>
    private LiveMessage? TellMissedNeedsLock(int missed)
    {
        if (!IsTold)
            return null;
        var withSnapshot = Request.Snapshot > 0;
        if (withSnapshot)
        {
            var mail = new LiveMail(null, After);
            _mails.Insert(0, mail);
            // Not here: the feed takes its lock before ours.
            ThreadPool.UnsafeQueueUserWorkItem(
                static wanted => wanted.Client.SnapshotWanted?.Invoke(wanted.Client, wanted.Mail), (Client: this, Mail: mail), preferLocal: false);
        }

        return LiveMessage.Missed(missed, withSnapshot);
    }

    /// <summary>Set by the feed: reads a snapshot without holding any lock of ours.</summary>
    public Action<LiveClient, LiveMail>? SnapshotWanted { get; set; }
}

internal enum LiveTransport
{
    WebSocket,
    SignalR,
    EventStream,
}
