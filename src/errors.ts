/**
 * Every error that Daruma makes: a code to branch on, the path in the tree, the numbers, the usual
 * cause, and what to do. Guard by `code`, not by `instanceof`: two copies of the package may be
 * loaded.
 */
export type ErrorCode =
  | 'DARUMA_START_FAILED'
  | 'DARUMA_START_TIMEOUT'
  | 'DARUMA_BOOT_TIMEOUT'
  | 'DARUMA_ENDED_BEFORE_READY'
  | 'DARUMA_RESTART_LIMIT'
  | 'DARUMA_WATCHDOG'
  | 'DARUMA_CANCELLED'
  | 'DARUMA_STALE_INCARNATION'
  | 'DARUMA_STOPPED'
  | 'DARUMA_ALREADY_STARTED'
  | 'DARUMA_ALREADY_PRESENT'
  | 'DARUMA_RUNNING'
  | 'DARUMA_RESTARTING'
  | 'DARUMA_NOT_FOUND'
  | 'DARUMA_NOT_RUNNING'
  | 'DARUMA_NOT_SUPPORTED'
  | 'DARUMA_TOO_MANY_CHILDREN'
  | 'DARUMA_MAILBOX_FULL'
  | 'DARUMA_ASK_TIMEOUT'
  | 'DARUMA_RECEIVER_FAILED'
  | 'DARUMA_INVALID_PLUGIN'
  | 'DARUMA_PLUGIN_STATE'
  | 'DARUMA_PERMISSION_DENIED'
  | 'DARUMA_INVALID_TOPIC'
  | 'DARUMA_INVALID_PAYLOAD'
  | 'DARUMA_SUBSCRIBER_OVERFLOW'
  | 'DARUMA_CRITICAL_HANDLER'
  | 'DARUMA_INVALID_METRIC'
  | 'DARUMA_HTTP_LISTEN'
  | 'DARUMA_INVALID_KEY'
  | 'DARUMA_INVALID_VALUE'
  | 'DARUMA_VALUE_TOO_LARGE'
  | 'DARUMA_STORAGE_UNUSABLE'
  | 'DARUMA_STORAGE_FOREIGN'
  | 'DARUMA_STORAGE_CORRUPT'
  | 'DARUMA_STORAGE_FULL'
  | 'DARUMA_STORAGE_BUSY'
  | 'DARUMA_STORAGE_LOST'
  | 'DARUMA_STORAGE_UNREACHABLE'
  | 'DARUMA_STORAGE_OVERLOADED'
  | 'DARUMA_STORAGE_CLOSED'
  | 'DARUMA_TRANSACTION_CONFLICT'
  | 'DARUMA_STALE_CLAIM'
  | 'DARUMA_HISTORY_OFF'
  | 'DARUMA_TRANSACTION_TIMEOUT'
  | 'DARUMA_TRANSACTION_NESTED'
  | 'DARUMA_TRANSACTION_OVER'
  | 'DARUMA_LEASE_LOST'
  | 'DARUMA_TICK_TAKEN'
  | 'DARUMA_RUN_TIMEOUT'
  | 'DARUMA_RUN_STUCK'
  | 'DARUMA_SCHEDULE_FAILED'
  | 'DARUMA_CALL_TIMEOUT'
  | 'DARUMA_CIRCUIT_OPEN'
  | 'DARUMA_BULKHEAD_FULL'
  | 'DARUMA_RATE_LIMITED'
  | 'DARUMA_TASK_DUPLICATE'
  | 'DARUMA_TASK_TIMEOUT'
  | 'DARUMA_TASK_ABANDONED'
  | 'DARUMA_TASKS_FULL'
  | 'DARUMA_TASKS_STOPPING'
  | 'DARUMA_JOB_TIMEOUT'
  | 'DARUMA_NO_JOB'
  | 'DARUMA_NOT_RETRYABLE'
  | 'DARUMA_ITEM_TIMEOUT'
  | 'DARUMA_BUFFER_FULL'
  | 'DARUMA_USAGE'
  | FaultCode;

/** What can be wrong with a definition. `DefinitionError.faults` names every one that was found. */
export type FaultCode =
  | 'DARUMA_DUPLICATE_ID'
  | 'DARUMA_INVALID_NAME'
  | 'DARUMA_NOT_A_DEFINITION'
  | 'DARUMA_UNKNOWN_OPTION'
  | 'DARUMA_INVALID_DURATION'
  | 'DARUMA_INVALID_OPTION'
  | 'DARUMA_INVALID_BODY'
  | 'DARUMA_INVALID_RESTART'
  | 'DARUMA_INVALID_STOP_WITHIN'
  | 'DARUMA_INVALID_STRATEGY'
  | 'DARUMA_INVALID_INTENSITY'
  | 'DARUMA_INVALID_PERIOD'
  | 'DARUMA_INVALID_AUTO_SHUTDOWN'
  | 'DARUMA_INVALID_TEMPLATE'
  | 'DARUMA_INVALID_SIGNIFICANT'
  | 'DARUMA_INVALID_BACKOFF'
  | 'DARUMA_UNKNOWN_NEED'
  | 'DARUMA_INVALID_NEED'
  | 'DARUMA_AMBIGUOUS_NEED'
  | 'DARUMA_NEEDS_CYCLE'
  | 'DARUMA_INVALID_CONFIG'
  | 'DARUMA_INVALID_SCHEDULE'
  | 'DARUMA_INVALID_QUEUE'
  | 'DARUMA_NO_ROUTER'
  | 'DARUMA_NO_PRODUCERS'
  | 'DARUMA_NOT_A_SOURCE';

export interface DarumaErrorOptions {
  /** The place in the tree that the error is about. */
  readonly path?: string;
  /** All places, where there are several: the members of a cycle. */
  readonly paths?: readonly string[];
  /** What to do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class DarumaError extends Error {
  override readonly name: string = 'DarumaError';
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: DarumaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
    this.paths = options.paths ?? (options.path === undefined ? [] : [options.path]);
    this.hint = options.hint;
  }
}

/** One thing that is wrong with a definition or a configuration. */
export interface Fault {
  readonly code: FaultCode;
  readonly path: string;
  /** All places, where there are several. */
  readonly paths: readonly string[];
  readonly message: string;
  readonly hint: string | undefined;
}

/** Thrown before anything starts. Its code is the first fault's. */
export class DefinitionError extends DarumaError {
  override readonly name = 'DefinitionError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly [Fault, ...Fault[]]) {
    const [first] = faults;
    const list = faults.map((fault) => `  - ${faultLine(fault)}`).join('\n');
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
    super(first.code, `The definition has ${count}; nothing was started.\n${list}`, {
      path: first.path,
      paths: first.paths,
      ...(first.hint !== undefined && { hint: first.hint }),
    });
    this.faults = faults;
  }
}

function faultLine(fault: Fault): string {
  const hint = fault.hint === undefined ? '' : `\n    ${fault.hint}`;
  return `${fault.path}: ${fault.message} [${fault.code}]${hint}`;
}

export function isDarumaError(error: unknown): error is DarumaError {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'string' &&
    String((error as { code?: unknown }).code).startsWith('DARUMA_')
  );
}

/**
 * The reason of a cancelled signal. Its name is what platform code looks for in an abort. It is made
 * by every stop and every failure, inside Daruma: its stack has no frames, which would all be
 * Daruma's and cost more than the rest of it.
 */
export class CancelledError extends DarumaError {
  override readonly name = 'AbortError';

  /** @param what what was asked to stop. @default the place itself */
  constructor(path: string, what: string = path) {
    const { stackTraceLimit } = Error;
    // Where it is frozen this does nothing, instead of throwing.
    Reflect.set(Error, 'stackTraceLimit', 0);
    try {
      super('DARUMA_CANCELLED', `${what} was asked to stop.`, {
        path,
        hint: 'Let this error pass: ending after a cancellation is a clean end.',
      });
    } finally {
      Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    }
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * Thrown by work that another attempt could not mend: a job is dead at once, with `not-retryable` as
 * its reason; a task, a run of a schedule and a call under a policy have failed, whatever attempts
 * are left.
 *
 * ```ts
 * throw new NotRetryable('There is no such customer.', { cause: error });
 * ```
 */
export class NotRetryable extends DarumaError {
  override readonly name = 'NotRetryable';

  constructor(message: string, options: Omit<DarumaErrorOptions, 'paths'> = {}) {
    super('DARUMA_NOT_RETRYABLE', message, options);
  }
}

/** Whether what was thrown says that another attempt is of no use. */
export function isNotRetryable(error: unknown): boolean {
  return isDarumaError(error) && error.code === 'DARUMA_NOT_RETRYABLE';
}
