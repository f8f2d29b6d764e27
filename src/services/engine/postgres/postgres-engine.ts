import type { Engine, EngineFailure, Request, ResultsOf, Step } from '../engine.ts';
import { closedFailure } from '../failures.ts';
import { GroupPump } from '../group-pump.ts';
import { Watchers } from '../watchers.ts';
import type { PostgresFacts } from './address.ts';
import { type Attempt, Connection } from './connection.ts';
import { Dialer } from './dialer.ts';
import { execute } from './execute.ts';
import { failureOf, isLasting, lostFailure, unreachableFailure } from './failures.ts';
import { QueueListener } from './listener.ts';
import { prepare } from './prepare.ts';
import { ServerClock } from './server-clock.ts';
import { Session, Statements } from './session.ts';

export interface PostgresEngineOptions extends PostgresFacts {
  /** What may wait to be stored, in bytes. */
  readonly maxPendingBytes: number;
  /** There is a connection, for the first time or again after it was lost. */
  readonly onOpen?: () => void;
  /** The connection was lost, or there is none to be had: once for each time. */
  readonly onTrouble?: (failure: EngineFailure) => void;
}

/**
 * Tables of a PostgreSQL server, over one connection.
 *
 * 1. One group of requests is under way at a time; what is submitted meanwhile shares the next commit.
 * 2. When the connection is lost, what was under way is rejected, as nobody knows whether it is
 *    stored; what waited goes to a new connection. No request waits longer than `connectWithinMs`
 *    for one; one that will not come by waiting, as the password is wrong, is not waited for.
 * 3. The process stays up for what was submitted, and for nothing else.
 */
export class PostgresEngine implements Engine {
  readonly #options: PostgresEngineOptions;
  readonly #watchers = new Watchers();
  readonly #clock = new ServerClock();
  readonly #statements: Statements;
  readonly #pump: GroupPump;
  readonly #dialer: Dialer;
  #listener: QueueListener | undefined;
  #session: Session | undefined;
  #isAway = false;
  /** Why there is no connection. */
  #cause: unknown;
  #patience: NodeJS.Timeout | undefined;
  #isLeaving = false;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: PostgresEngineOptions) {
    this.#options = options;
    this.#statements = new Statements(options.schema);
    this.#pump = new GroupPump({
      maxPendingBytes: options.maxPendingBytes,
      prepare: () => this.#hasConnection(),
      send: (group) => void this.#send(group),
      onStored: ({ steps }, results) => this.#watchers.tellOfSteps(steps, results),
    });
    this.#dialer = new Dialer({
      open: (attempt) => this.#open(attempt),
      onOpen: (connection) => this.#begin(connection),
      onFailure: (error) => this.#miss(error),
      isWanted: () => !this.#pump.isIdle,
      isHeld: true,
      connectWithinMs: options.connectWithinMs,
    });
  }

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    return this.#pump.submit(steps, options);
  }

  watch(queue: string, listener: () => void): () => void {
    const forget = this.#watchers.add(queue, listener);
    this.#listen();
    return forget;
  }

  close(): Promise<void> | undefined {
    this.#pump.refuse(closedFailure);
    if (!this.#session && !this.#listener && this.#pump.isIdle) {
      this.#dialer.stop();
      return undefined;
    }
    this.#closed ??= Promise.withResolvers();
    this.#leaveWhenDone();
    return this.#closed.promise;
  }

  abort(): void {
    // The server may have been faster than the news of it.
    const cause = 'Its system has stopped, and did not wait any longer.';
    this.#pump.lose(lostFailure(this.#options, cause));
    this.#pump.refuse(closedFailure);
    this.#pump.giveUp(closedFailure);
    this.#dialer.stop();
    clearTimeout(this.#patience);
    this.#listener?.abort();
    this.#session?.connection.destroy();
    this.#closed?.resolve();
  }

  #hasConnection(): boolean {
    if (this.#session) return true;
    this.#dialer.dial();
    this.#waitWithPatience();
    return false;
  }

  async #open(attempt: Attempt): Promise<Connection> {
    const { url, connectWithinMs } = this.#options;
    let opened: Connection | undefined;
    const onLost = (cause: Error) => this.#lose(opened, cause);
    const connection = await Connection.open(url, connectWithinMs, { onLost }, attempt);
    opened = connection;
    try {
      await prepare(connection, this.#options);
      await this.#clock.measure(connection);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  #begin(connection: Connection): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#session = new Session(connection, this.#statements, this.#clock);
    this.#isAway = false;
    this.#options.onOpen?.();
    this.#listen();
    this.#pump.go();
    this.#leaveWhenDone();
  }

  /** There is no connection yet. */
  #miss(error: unknown): void {
    this.#cause = error;
    const isHopeless = isLasting(error);
    if (!this.#isAway || isHopeless) {
      this.#isAway = true;
      this.#options.onTrouble?.(this.#failureOf(error));
    }
    if (isHopeless) this.#pump.giveUp(failureOf(error, this.#options));
    this.#leaveWhenDone();
  }

  /** There is none any more. */
  #lose(connection: Connection | undefined, cause: Error): void {
    if (!this.#session || this.#session.connection !== connection) return;
    this.#session = undefined;
    this.#isAway = true;
    this.#cause = cause;
    this.#options.onTrouble?.(lostFailure(this.#options, cause));
    this.#leaveWhenDone();
  }

  #failureOf(error: unknown): EngineFailure {
    const isHopeless = isLasting(error);
    return isHopeless ? failureOf(error, this.#options) : unreachableFailure(this.#options, error);
  }

  async #send(group: readonly Request[]): Promise<void> {
    const session = this.#session as Session;
    try {
      if (this.#clock.isDue) await this.#clock.measure(session.connection);
      this.#pump.settle(await execute(session, group, this.#options));
    } catch (error) {
      this.#pump.lose(lostFailure(this.#options, error));
    }
    this.#pump.go();
    this.#leaveWhenDone();
  }

  /** Those who wait for a connection do so for a while. */
  #waitWithPatience(): void {
    const waitedMs = this.#pump.longestWaitMs;
    if (this.#patience || waitedMs === undefined) return;
    const { connectWithinMs } = this.#options;
    this.#patience = setTimeout(
      () => {
        this.#patience = undefined;
        const failure = unreachableFailure(this.#options, this.#cause, connectWithinMs);
        this.#pump.giveUp(failure, connectWithinMs);
        this.#waitWithPatience();
        this.#leaveWhenDone();
      },
      Math.max(0, connectWithinMs - waitedMs) + 1,
    );
  }

  /** Not before there was a connection: whatever keeps it away is found out once. */
  #listen(): void {
    if (this.#listener || !this.#session || this.#watchers.isEmpty || this.#pump.isRefusing) return;
    this.#listener = new QueueListener({
      ...this.#options,
      ownProcessId: () => this.#session?.connection.processId,
      onTouched: (queue) => {
        this.#session?.outlook.forget(queue);
        this.#watchers.tellOf(queue);
      },
      onOpen: () => this.#watchers.tellAll(),
    });
  }

  #leaveWhenDone(): void {
    if (!this.#closed || !this.#pump.isIdle || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#dialer.stop();
    clearTimeout(this.#patience);
    this.#session?.notifier.flush();
    const ended = [this.#session?.connection.end(), this.#listener?.close()];
    const { resolve } = this.#closed;
    void Promise.all(ended).then(() => resolve());
  }
}
