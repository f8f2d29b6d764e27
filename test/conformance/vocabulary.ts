/** The words of /conformance/README.md. What is not here is an error in a scenario. */

export const restartTypes = ['permanent', 'transient', 'temporary'] as const;
export const onLosses = ['suspend', 'keep'] as const;
export const decisions = ['restart', 'stop', 'escalate'] as const;
export const strategies = ['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const;
export const exhaustions = ['escalate', 'give-up'] as const;
export const autoShutdowns = ['never', 'any-significant', 'all-significant'] as const;
export const startOrders = ['sequential', 'parallel'] as const;

export const startWords = ['ok', 'fail', 'ignore', 'ends', 'hang'] as const;
export const timedStarts = ['okAfterMs', 'failAfterMs', 'deafOkAfterMs'] as const;
export const stopWords = ['graceful', 'never', 'throws'] as const;

export const exitReasons = ['normal', 'error', 'abort'] as const;
export const calls = ['startChild', 'stopChild', 'restartChild', 'removeChild'] as const;

export const statuses = [
  'waiting',
  'starting',
  'running',
  'backoff',
  'stopping',
  'stopped',
  'failed',
  'unstopped',
  'absent',
] as const;

export const eventNames = [
  'starting',
  'ready',
  'ignored',
  'start-failed',
  'stop-requested',
  'ended',
  'unstopped',
  'stop-error',
  'backoff',
  'suspended',
  'failed',
] as const;

export const endReasons = [
  'normal',
  'error',
  'shutdown',
  'killed',
  'RestartLimitExceeded',
] as const;

export type StartOutcome =
  | (typeof startWords)[number]
  | { readonly okAfterMs: number }
  | { readonly failAfterMs: number }
  | { readonly deafOkAfterMs: number };
export type StopBehaviour = (typeof stopWords)[number] | { readonly takesMs: number };
export type ExitReason = (typeof exitReasons)[number];
export type CallName = (typeof calls)[number];
export type Status = (typeof statuses)[number];
export type EventName = (typeof eventNames)[number];

/** Fields by name; what the values are is known for those that the runner itself understands. */
export interface Item {
  readonly id?: string;
  readonly strategy?: string;
  readonly children?: readonly Item[];
  readonly template?: Item;
  /** Of a child: what its start attempts do. Of a supervisor: its start order. */
  readonly start?: StartOutcome | readonly StartOutcome[] | string;
  readonly stop?: StopBehaviour;
  readonly [field: string]: unknown;
}

export type Result = 'ok' | 'pending' | Refused;
/** `paths`, where given, is a set. In what was observed it is always given. */
export interface Refused {
  readonly error: string;
  readonly paths?: readonly string[];
}

export interface Counts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

type ByPath<Value> = Readonly<Record<string, Value>>;

export interface Assertions {
  readonly status?: ByPath<Status>;
  readonly starts?: ByPath<number>;
  readonly counts?: ByPath<Counts>;
  readonly log?: readonly string[];
  readonly logExact?: readonly string[];
  readonly never?: readonly string[];
  readonly ended?: ByPath<string>;
  readonly results?: Readonly<Record<string, Result>>;
  readonly delays?: ByPath<readonly number[]>;
  readonly restartsCharged?: ByPath<number>;
  readonly unstopped?: readonly string[];
  readonly stopErrors?: readonly string[];
  readonly worstCaseMs?: ByPath<number | 'infinity'>;
  readonly pendingTimers?: number;
}

interface Asked {
  readonly expect: Result;
  readonly as?: string;
}

export interface CallStep extends Asked {
  readonly do: 'call';
  readonly fn: CallName;
  readonly at: string;
  readonly child?: string;
  readonly spec?: Item;
}

export interface ExitStep {
  readonly do: 'exit';
  readonly paths: readonly string[];
  readonly reason: ExitReason;
}

export type Step =
  | ({ readonly do: 'start' } & Asked)
  | ({ readonly do: 'stop' } & Asked)
  | ExitStep
  | { readonly do: 'advance'; readonly ms: number }
  | CallStep
  | { readonly do: 'mark' }
  | ({ readonly do: 'expect' } & Assertions);

export interface Scenario {
  readonly id: string;
  readonly title?: unknown;
  readonly source?: unknown;
  readonly tree: Item;
  readonly steps: readonly Step[];
}

/** An item with a strategy is a supervisor; any other is a child. */
export function isSupervisor(item: Item): boolean {
  return 'strategy' in item;
}

/** `event path`, as in the logs. */
export function splitEntry(entry: string): readonly [event: string, path: string] {
  const space = entry.indexOf(' ');
  return space < 0 ? [entry, ''] : [entry.slice(0, space), entry.slice(space + 1)];
}
