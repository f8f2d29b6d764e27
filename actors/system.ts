import { setup } from 'xstate';

export type SystemEvent =
  | { type: 'rootReady' }
  | { type: 'rootLeaving' }
  | { type: 'rootDown' }
  | { type: 'stop' }
  | { type: 'drained' }
  | { type: 'force' };

/** What the system can have done about the root of its tree. */
export interface Helm {
  start(): void;
  /** Ask whoever takes in work from outside to take no more, and wait for what is in flight. */
  drain(): void;
  stop(): void;
  /** The boot took longer than `bootWithin`. */
  bootTimeout(): void;
  /** Wait no longer: name what is still up, and leave. */
  cutOff(): void;
}

export interface SystemInput {
  readonly helm: Helm;
  /** Milliseconds; Infinity: no limit. */
  readonly bootWithinMs: number;
}

/**
 * The root of everything: boots the tree, and takes it down within its grace period.
 *
 * ```
 *   booting ──rootReady──▶ running ──stop──▶ draining ──drained──▶ stopping ──rootDown──▶ stopped
 *      │                      │                  │                    ▲  │                   ▲
 *      ├── stop, too late ────┼──────────────────┼────────────────────┘  └─ force (second ───┤
 *      └── rootDown ──────────┴── the root ends by itself ───────────────── signal) ─────────┘
 * ```
 */
export const systemMachine = setup({
  types: {} as { context: SystemInput; input: SystemInput; events: SystemEvent },
  delays: { bootLimit: ({ context }) => context.bootWithinMs },
  actions: {
    startRoot: ({ context }) => context.helm.start(),
    drain: ({ context }) => context.helm.drain(),
    stopRoot: ({ context }) => context.helm.stop(),
    reportBootTimeout: ({ context }) => context.helm.bootTimeout(),
    cutOff: ({ context }) => context.helm.cutOff(),
  },
}).createMachine({
  id: 'system',
  context: ({ input }) => input,
  initial: 'booting',
  states: {
    booting: {
      description: 'The tree starts for the first time; waits for its root to be ready.',
      entry: 'startRoot',
      on: {
        rootReady: { target: 'running' },
        rootLeaving: { target: 'stopping' },
        rootDown: { target: 'stopped' },
        stop: { target: 'stopping', actions: 'stopRoot' },
        force: { target: 'stopped', actions: 'cutOff' },
      },
      after: { bootLimit: { target: 'stopping', actions: ['reportBootTimeout', 'stopRoot'] } },
    },
    running: {
      description: 'Everything has been ready; waits for a request to stop or for the root to end.',
      on: {
        rootLeaving: { target: 'stopping' },
        rootDown: { target: 'stopped' },
        stop: { target: 'draining' },
        force: { target: 'stopped', actions: 'cutOff' },
      },
    },
    draining: {
      description: 'Not ready any more; takes in no new work and waits for what is in flight.',
      entry: 'drain',
      on: {
        drained: { target: 'stopping', actions: 'stopRoot' },
        rootLeaving: { target: 'stopping' },
        rootDown: { target: 'stopped' },
        force: { target: 'stopped', actions: 'cutOff' },
      },
    },
    stopping: {
      description: 'The tree goes down in reverse order; waits for the root to be down.',
      on: {
        stop: { actions: 'stopRoot' },
        rootDown: { target: 'stopped' },
        force: { target: 'stopped', actions: 'cutOff' },
      },
    },
    stopped: {
      description: 'Everything is down or was reported as unstopped.',
      type: 'final',
    },
  },
});
