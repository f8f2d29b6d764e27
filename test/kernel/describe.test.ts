import { expect, it } from 'vitest';
import { describe, type LifecycleEvent } from '../../src/index.ts';

type Happening = LifecycleEvent extends infer Event
  ? Event extends LifecycleEvent
    ? Omit<Event, 'seq' | 'at' | 'time' | 'path' | 'incarnation'>
    : never
  : never;

const error = { name: 'Error', message: 'connection reset' };
const budget = { used: 20, intensity: 20, periodMs: 60_000 };
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
  failed: [{ type: 'failed', error }, { type: 'failed' }],
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
  'stray-error': [{ type: 'stray-error', error }],
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
  'events-dropped': [
    { type: 'events-dropped', topic: 'user.*', count: 1, why: 'overflow' },
    { type: 'events-dropped', topic: 'user.*', count: 40, why: 'ended' },
  ],
  'handler-failed': [
    { type: 'handler-failed', topic: 'user.login', error, attempt: 1, retryMs: 400 },
    { type: 'handler-failed', topic: 'user.login', error, attempt: 3, retryMs: null },
  ],
  'emission-aborted': [{ type: 'emission-aborted', topic: 'user.login', by: 'app/guard' }],
  notification: [
    {
      type: 'notification',
      id: 'n1',
      from: 'app/backup',
      level: 'error',
      title: 'Backup failed',
      message: 'no room',
    },
    {
      type: 'notification',
      id: 'n2',
      from: 'app/backup',
      level: 'success',
      title: 'Backup complete',
      message: '',
    },
  ],
  'notifications-held-back': [{ type: 'notifications-held-back', limit: 20, perMs: 60_000 }],
  'notification-lost': [
    { type: 'notification-lost', channel: 'hooks.example.com', count: 1, why: 'failed', error },
    { type: 'notification-lost', channel: 'mail', count: 40, why: 'queue-full' },
    { type: 'notification-lost', channel: 'mail', count: 3, why: 'closed' },
  ],
  'storage-opened': [{ type: 'storage-opened', file: '/srv/.daruma/app.sqlite' }],
  'storage-failed': [{ type: 'storage-failed', file: '/srv/.daruma/app.sqlite', error }],
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
    failed: is given up: its restarts ran out: connection reset
    failed: is given up: its restarts ran out
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
    events-dropped: dropped one event of user.*: its mailbox is full
    events-dropped: ended with 40 events of user.* not handled
    handler-failed: failed to handle user.login (attempt 1), tries again in 400ms: connection reset
    handler-failed: failed to handle user.login (attempt 3), and gave it up: connection reset
    emission-aborted: user.login goes no further: app/guard, which is critical, did not handle it
    notification: app/backup notifies (error): Backup failed: no room
    notification: app/backup notifies (success): Backup complete
    notifications-held-back: holds notifications back: 20 are sent in 1m, and there are more
    notification-lost: channel hooks.example.com lost a notification: connection reset
    notification-lost: channel mail lost 40 notifications: its queue is full
    notification-lost: channel mail lost 3 notifications: the system stopped first
    storage-opened: keeps what its services store in /srv/.daruma/app.sqlite
    storage-failed: cannot store anything: connection reset"
  `);
});
