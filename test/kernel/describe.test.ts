import { expect, it } from 'vitest';
import { describe, type LifecycleEvent } from '../../src/index.ts';

type Happening = LifecycleEvent extends infer Event
  ? Event extends LifecycleEvent
    ? Omit<Event, 'seq' | 'at' | 'time' | 'path' | 'incarnation'>
    : never
  : never;

const error = { name: 'Error', message: 'connection reset' };
const budget = { used: 20, intensity: 20, periodMs: 60_000 };
const run = { run: 7, due: 60_000, latenessMs: 40, attempts: 1 };
const breaker = {
  policy: 'payments',
  calls: 0,
  failures: 0,
  refused: 12,
  recoveryMs: 60_000,
  probes: 1,
};
const job = { queue: 'emails', id: '42' };
const database = { kind: 'need', path: 'app/database' } as const;

/** At least one of each type; the compiler sees to it that none is missing. */
const happenings: { readonly [Type in LifecycleEvent['type']]: readonly Happening[] } = {
  waiting: [
    { type: 'waiting', for: [{ kind: 'sibling', path: 'app/first' }] },
    { type: 'waiting', for: [{ kind: 'sibling', path: 'app/first' }, database] },
    { type: 'waiting', for: [] },
  ],
  starting: [
    { type: 'starting', attempt: 0 },
    { type: 'starting', attempt: 3 },
  ],
  ready: [{ type: 'ready', tookMs: 1_234 }],
  ignored: [{ type: 'ignored' }],
  'start-failed': [{ type: 'start-failed', error }],
  'stop-requested': [
    { type: 'stop-requested', limitMs: 5_000 },
    { type: 'stop-requested', limitMs: null },
  ],
  'stop-error': [{ type: 'stop-error', error }],
  ended: [
    { type: 'ended', reason: 'normal' },
    { type: 'ended', reason: 'error', error },
    { type: 'ended', reason: 'error' },
    { type: 'ended', reason: 'shutdown' },
    { type: 'ended', reason: 'killed' },
    { type: 'ended', reason: 'RestartLimitExceeded', error },
    { type: 'ended', reason: 'RestartLimitExceeded' },
  ],
  unstopped: [
    { type: 'unstopped', limitMs: 5_000 },
    { type: 'unstopped', limitMs: null },
  ],
  backoff: [
    { type: 'backoff', delayMs: 800, attempt: 4, used: 4, intensity: 20, periodMs: 60_000, error },
    { type: 'backoff', delayMs: 0, attempt: 1, used: 1, intensity: 40, periodMs: 90_000 },
  ],
  suspended: [
    { type: 'suspended', for: [database] },
    { type: 'suspended', for: [] },
  ],
  stopped: [{ type: 'stopped' }],
  failed: [
    { type: 'failed', attempt: 2, used: 3, intensity: 3, periodMs: 10_000, error },
    { type: 'failed', attempt: 0, used: 0, intensity: 0, periodMs: 5_000 },
  ],
  dropped: [{ type: 'dropped' }],
  escalated: [
    { type: 'escalated', culprit: 'app/feed', isDecided: false, ...budget, error },
    { type: 'escalated', culprit: 'app/feed', isDecided: true, ...budget, error },
    { type: 'escalated', culprit: 'app/feed', isDecided: true, ...budget },
  ],
  'auto-shutdown': [{ type: 'auto-shutdown', culprit: 'app/feed' }],
  draining: [{ type: 'draining' }],
  drained: [{ type: 'drained' }, { type: 'drained', error }],
  health: [
    { type: 'health', status: 'degraded', reason: 'reads from a replica' },
    { type: 'health', status: 'healthy' },
  ],
  overdue: [{ type: 'overdue', limitMs: 30_000, sinceBeatMs: 30_000 }],
  'loop-blocked': [{ type: 'loop-blocked', blockedMs: 2_500 }],
  'message-lost': [
    { type: 'message-lost', message: 'ping', why: 'not-running' },
    { type: 'message-lost', message: 'ping', why: 'dropped' },
    { type: 'message-lost', message: 'ping', why: 'mailbox-full' },
  ],
  'decide-failed': [{ type: 'decide-failed', error }],
  'stray-error': [
    { type: 'stray-error', error },
    { type: 'stray-error', error, task: 'a' },
    { type: 'stray-error', error, job: 'a' },
  ],
  late: [
    { type: 'late', what: 'ended', fromIncarnation: 2 },
    { type: 'late', what: 'ready', fromIncarnation: 2 },
  ],
  'listener-failed': [{ type: 'listener-failed', error }],
  hint: [{ type: 'hint', text: 'The body of a permanent service returned.' }],
  phase: [{ type: 'phase', phase: 'draining' }],
  'boot-timeout': [{ type: 'boot-timeout', limitMs: 60_000, paths: ['app/a', 'app/b'] }],
  signal: [
    { type: 'signal', signal: 'SIGTERM', count: 1 },
    { type: 'signal', signal: 'SIGINT', count: 2 },
  ],
  'cut-off': [
    { type: 'cut-off', paths: ['app/a', 'app/b'] },
    { type: 'cut-off', paths: [] },
  ],
  lease: [
    { type: 'lease', status: 'standing-by', token: null, holder: 'web-1:4711' },
    { type: 'lease', status: 'acquired', token: 7 },
    { type: 'lease', status: 'unreachable', token: null, error },
    { type: 'lease', status: 'unreachable', token: 7, error },
    { type: 'lease', status: 'renewed', token: 7 },
    { type: 'lease', status: 'lost', token: 7 },
    { type: 'lease', status: 'released', token: 7 },
  ],
  notification: [
    { type: 'notification', outcome: 'sent', channel: 'chat', title: 'Disk is full' },
    { type: 'notification', outcome: 'failed', channel: 'chat', title: 'Disk is full', error },
    { type: 'notification', outcome: 'dropped', channel: 'chat', title: 'Disk is full' },
  ],
  item: [
    { type: 'item', status: 'failed', count: 1, id: 'm1-7', attempt: 1, retryMs: 400, error },
    { type: 'item', status: 'failed', count: 1, id: 'm1-7', attempt: 5, retryMs: null, error },
    { type: 'item', status: 'unmatched', count: 1, id: 'm1-8', route: 'paid' },
    { type: 'item', status: 'unmatched', count: 1, id: 'm1-8', route: null },
    { type: 'item', status: 'dropped', count: 1, id: null },
    { type: 'item', status: 'lost', count: 12, id: null },
  ],
  plugin: [
    { type: 'plugin', plugin: 'sync', version: '1.2.0', state: 'enabled' },
    { type: 'plugin', plugin: 'sync', version: '1.2.0', state: 'error', error },
  ],
  'events-dropped': [
    { type: 'events-dropped', topic: 'user.*', count: 1, why: 'overflow' },
    { type: 'events-dropped', topic: 'user.*', count: 40, why: 'ended' },
  ],
  'handler-failed': [
    { type: 'handler-failed', topic: 'user.login', error, attempt: 1, retryMs: 400 },
    { type: 'handler-failed', topic: 'user.login', error, attempt: 3, retryMs: null },
  ],
  'emission-aborted': [{ type: 'emission-aborted', topic: 'user.login', by: 'app/guard' }],
  'storage-opened': [{ type: 'storage-opened', file: '/srv/.daruma/app.sqlite' }],
  'storage-failed': [{ type: 'storage-failed', file: '/srv/.daruma/app.sqlite', error }],
  'schedule-run': [
    { type: 'schedule-run', status: 'started', ...run, latenessMs: 0 },
    { type: 'schedule-run', status: 'started', ...run },
    { type: 'schedule-run', status: 'retrying', ...run, delayMs: 200, error },
    { type: 'schedule-run', status: 'completed', ...run, tookMs: 3_000 },
    { type: 'schedule-run', status: 'failed', ...run, attempts: 3, tookMs: 3_000, error },
    { type: 'schedule-run', status: 'cancelled', ...run, tookMs: 3_000 },
  ],
  'schedule-skipped': [
    { type: 'schedule-skipped', why: 'overlap', count: 1, due: null },
    { type: 'schedule-skipped', why: 'missed', count: 4, due: 1 },
    { type: 'schedule-skipped', why: 'paused', count: 4, due: 1 },
    { type: 'schedule-skipped', why: 'closed', count: 1, due: 1 },
    { type: 'schedule-skipped', why: 'past', count: 1, due: 1 },
  ],
  schedule: [
    { type: 'schedule', status: 'paused' },
    { type: 'schedule', status: 'resumed' },
    { type: 'schedule', status: 'reset' },
  ],
  breaker: [
    { type: 'breaker', status: 'open', ...breaker, calls: 8, failures: 5, error },
    { type: 'breaker', status: 'open', ...breaker, error },
    { type: 'breaker', status: 'half-open', ...breaker },
    { type: 'breaker', status: 'closed', ...breaker },
  ],
  probe: [
    { type: 'probe', policy: 'payments', status: 'admitted' },
    { type: 'probe', policy: 'payments', status: 'succeeded' },
    { type: 'probe', policy: 'payments', status: 'failed', error },
    { type: 'probe', policy: 'payments', status: 'withdrawn' },
  ],
  retry: [{ type: 'retry', policy: 'payments', attempt: 1, maxAttempts: 3, delayMs: 180, error }],
  fallback: [{ type: 'fallback', policy: 'payments', error }],
  task: [
    { type: 'task', id: 'a', status: 'pending', attempt: 0, ageMs: 0 },
    { type: 'task', id: 'a', status: 'pending', attempt: 1, ageMs: 900 },
    { type: 'task', id: 'a', status: 'running', attempt: 1, ageMs: 0 },
    { type: 'task', id: 'a', status: 'running', attempt: 2, ageMs: 900 },
    { type: 'task', id: 'a', status: 'stopping', attempt: 1, ageMs: 900 },
    { type: 'task', id: 'a', status: 'backoff', attempt: 1, ageMs: 900, delayMs: 400, error },
    { type: 'task', id: 'a', status: 'completed', attempt: 1, ageMs: 900 },
    { type: 'task', id: 'a', status: 'failed', attempt: 3, ageMs: 90_000, error },
    { type: 'task', id: 'a', status: 'cancelled', attempt: 0, ageMs: 900 },
    { type: 'task', id: 'a', status: 'cancelled', attempt: 1, ageMs: 900 },
    { type: 'task', id: 'a', status: 'abandoned', attempt: 1, ageMs: 5_900 },
  ],
  job: [
    { type: 'job', ...job, status: 'added', attempt: 0 },
    { type: 'job', ...job, status: 'started', attempt: 1, waitedMs: 12 },
    { type: 'job', ...job, status: 'started', attempt: 2, waitedMs: 0 },
    { type: 'job', ...job, status: 'progress', attempt: 1, fraction: 0.456 },
    { type: 'job', ...job, status: 'progress', attempt: 1, text: 'reading' },
    { type: 'job', ...job, status: 'completed', attempt: 1, tookMs: 900 },
    { type: 'job', ...job, status: 'retrying', attempt: 1, tookMs: 9, delayMs: 1_400, error },
    { type: 'job', ...job, status: 'retrying', attempt: 1, reason: 'lost' },
    { type: 'job', ...job, status: 'dead', attempt: 5, reason: 'exhausted', error },
    { type: 'job', ...job, status: 'dead', attempt: 1, reason: 'not-retryable', error },
    { type: 'job', ...job, status: 'dead', attempt: 5, reason: 'lost' },
    { type: 'job', ...job, status: 'dead', attempt: 1, reason: 'invalid-payload', error },
    { type: 'job', ...job, status: 'cancelled', attempt: 0 },
    { type: 'job', ...job, status: 'cancelled', attempt: 2, tookMs: 900, error },
    { type: 'job', ...job, status: 'released', attempt: 1, tookMs: 900 },
    { type: 'job', ...job, status: 'lost', attempt: 1, tookMs: 30_000 },
  ],
  queue: [
    { type: 'queue', queue: 'emails', status: 'paused' },
    { type: 'queue', queue: 'emails', status: 'resumed' },
    { type: 'queue', queue: 'emails', status: 'unreachable', delayMs: 500, error },
    { type: 'queue', queue: 'emails', status: 'reachable' },
  ],
  'task-progress': [
    { type: 'task-progress', id: 'a', fraction: 0.456 },
    { type: 'task-progress', id: 'a', fraction: 0.45, done: 9, total: 20, text: 'reading' },
    { type: 'task-progress', id: 'a', text: 'reading' },
  ],
};

it('says every event in a sentence', () => {
  const place = { seq: 1, at: 0, time: 0, path: 'app/feed', incarnation: 1 };

  const lines = Object.values(happenings)
    .flat()
    .map(
      (happening) => `${happening.type}: ${describe({ ...place, ...happening } as LifecycleEvent)}`,
    );

  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "waiting: waits for app/first
    waiting: waits for app/first and app/database
    waiting: waits for its group
    starting: starts
    starting: starts again (attempt 3)
    ready: is ready after 1.2s
    ignored: is not needed
    start-failed: did not start: connection reset
    stop-requested: is asked to stop within 5s
    stop-requested: is asked to stop
    stop-error: failed while it stopped: connection reset
    ended: returned
    ended: failed: connection reset
    ended: failed
    ended: has stopped
    ended: was cut off
    ended: ended: connection reset
    ended: ended: its restarts ran out
    unstopped: did not stop within 5s and was abandoned
    unstopped: did not stop within its limit and was abandoned
    backoff: restarts in 800ms (attempt 4; 4 of 20 restarts in 1m): connection reset
    backoff: restarts in 0ms (attempt 1; 1 of 40 restarts in 1m 30s)
    suspended: is suspended until app/database is ready
    suspended: is taken down, to start again with what its need has made ready since
    stopped: stays down: what it waited for was called off
    failed: is given up after 3 of 3 restarts in 10s: connection reset
    failed: is given up after 0 of 0 restarts in 5s
    dropped: is forgotten
    escalated: gives up: app/feed failed after 20 of 20 restarts in 1m: connection reset
    escalated: gives up: app/feed escalated: connection reset
    escalated: gives up: app/feed escalated
    auto-shutdown: shuts itself down: app/feed, which is significant, has ended
    draining: takes no more work and finishes what is in flight
    drained: has drained
    drained: failed while it drained: connection reset
    health: is degraded: reads from a replica
    health: is healthy
    overdue: has not beaten for 30s (watchdog 30s)
    loop-blocked: the event loop was blocked for 2.5s; its watchdog gets another period
    message-lost: lost message 'ping': nobody is there to receive it
    message-lost: lost message 'ping': it is down, and drops what comes meanwhile
    message-lost: lost message 'ping': its mailbox is full
    decide-failed: its decide() failed, so it is restarted: connection reset
    stray-error: left an error behind: connection reset
    stray-error: task 'a' left an error behind: connection reset
    stray-error: job a left an error behind: connection reset
    late: incarnation 2, which was abandoned, has ended after all
    late: incarnation 2, which was abandoned, reported 'ready'; ignored
    listener-failed: a listener failed: connection reset
    hint: The body of a permanent service returned.
    phase: the system is draining
    boot-timeout: not ready within 1m; still missing: app/a, app/b
    signal: SIGTERM: stopping
    signal: SIGINT again: leaving now
    cut-off: cut off while still up: app/a, app/b
    cut-off: nothing was cut off
    lease: stands by: web-1:4711 has the lease
    lease: has the lease, with token 7
    lease: stands by, as nobody can say who has the lease: connection reset
    lease: cannot renew its lease: connection reset
    lease: has renewed its lease after all
    lease: has lost the lease with token 7, and stops what it was for
    lease: has given the lease back
    notification: told chat: Disk is full
    notification: could not tell chat 'Disk is full': connection reset
    notification: did not tell chat 'Disk is full': too many wait
    item: failed on item m1-7 (attempt 1), tries again in 400ms: connection reset
    item: failed on item m1-7 (attempt 5), and gave it up: connection reset
    item: no handler is for item m1-8, whose route is paid
    item: no handler is for item m1-8
    item: dropped one item: its buffer is full
    item: ended with 12 items on the way
    plugin: plugin sync 1.2.0 is enabled
    plugin: plugin sync 1.2.0 is in error: connection reset
    events-dropped: dropped one event of user.*: its mailbox is full
    events-dropped: ended with 40 events of user.* not handled
    handler-failed: failed to handle user.login (attempt 1), tries again in 400ms: connection reset
    handler-failed: failed to handle user.login (attempt 3), and gave it up: connection reset
    emission-aborted: user.login goes no further: app/guard, which is critical, did not handle it
    storage-opened: keeps what its services store in /srv/.daruma/app.sqlite
    storage-failed: cannot store anything: connection reset
    schedule-run: run 7 begins
    schedule-run: run 7 begins, 40ms late
    schedule-run: attempt 1 of run 7 failed; tries again in 200ms: connection reset
    schedule-run: run 7 is done after 3s
    schedule-run: run 7 failed after 3s and 3 attempts: connection reset
    schedule-run: run 7 was cancelled after 3s
    schedule-skipped: skips a run: an earlier one is still under way
    schedule-skipped: skips 4 runs: nobody was there to see the time come
    schedule-skipped: skips 4 runs: it was paused
    schedule-skipped: skips a run: it takes no more ticks in
    schedule-skipped: skips a run: its date had passed before it started
    schedule: is paused
    schedule: goes on
    schedule: starts its timetable anew: its clock was set back by hours
    breaker: the breaker of payments is open for 1m (5 of 8 calls failed): connection reset
    breaker: the breaker of payments is open for 1m (a probe failed): connection reset
    breaker: the breaker of payments is half open: the next call is a probe
    breaker: the breaker of payments is closed again; it refused 12 calls
    probe: probes payments
    probe: probed payments: it works
    probe: probed payments in vain: connection reset
    probe: called its probe of payments off
    retry: tries payments again in 180ms (attempt 1 of 3 failed): connection reset
    fallback: falls back from payments: connection reset
    task: task 'a' is accepted
    task: task 'a' is in line again
    task: task 'a' runs
    task: task 'a' runs again (attempt 2)
    task: task 'a' is asked to stop
    task: task 'a' is tried again in 400ms (attempt 1 failed): connection reset
    task: task 'a' has completed after 900ms
    task: task 'a' has failed after 1m 30s (attempt 3): connection reset
    task: task 'a' was cancelled before it ran
    task: task 'a' was cancelled after 900ms
    task: task 'a' did not stop and was abandoned after 5.9s: what it still does does not count
    job: job 42 of emails is added
    job: job 42 of emails starts after 12ms
    job: job 42 of emails starts after 0ms (attempt 2)
    job: job 42 of emails is at 45%
    job: job 42 of emails says: reading
    job: job 42 of emails has completed in 900ms
    job: job 42 of emails is tried again in 1.4s (attempt 1 failed): connection reset
    job: job 42 of emails is tried again: whoever ran attempt 1 has vanished
    job: job 42 of emails is dead after attempt 5, as its last attempt failed: connection reset
    job: job 42 of emails is dead after attempt 1, as another attempt would be of no use: connection reset
    job: job 42 of emails is dead after attempt 5, as whoever ran its last attempt has vanished
    job: job 42 of emails is dead after attempt 1, as its payload is not what its queue takes: connection reset
    job: job 42 of emails was cancelled before it ran
    job: job 42 of emails was cancelled: connection reset
    job: job 42 of emails is given back, as its worker stops
    job: job 42 of emails was lost to its lease: what this attempt still does does not count
    queue: claims nothing of emails, which is paused
    queue: claims from emails again
    queue: cannot reach the queue emails, and tries again in 500ms: connection reset
    queue: reaches the queue emails again
    task-progress: task 'a' is at 45%
    task-progress: task 'a' is at 45% (9 of 20): reading
    task-progress: task 'a' says: reading"
  `);
});
