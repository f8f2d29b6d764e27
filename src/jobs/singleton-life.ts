import type { AnyActor, SnapshotFrom } from 'xstate';
import { type LeaseInput, leaseMachine } from '../../actors/lease.ts';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { LeaseEvent, LeaseHands, LeaseNews } from '../../actors/rules/lease-hands.ts';
import type { LeaseTerms } from '../../actors/rules/lease-timing.ts';
import type { Context } from '../define/context.ts';
import { type AnyDefinition, isDefinition } from '../define/definition.ts';
import type { Lease } from '../define/lease.ts';
import { errorInfo } from '../events.ts';
import type { LeaseHappening } from '../happenings/leases.ts';
import { type Backstage, backstage } from '../kernel/backstage.ts';
import type { Beginning } from '../kernel/spawn.ts';
import type { LeaseRow } from '../services/engine/leases.ts';
import { leaseTopic } from '../services/engine/watchers.ts';
import type { Access } from '../services/storage/access.ts';
import { accessOf } from '../services/storage/facility.ts';
import { endingWithin, isCutShort, returnWithinMs } from './lease-terms.ts';
import { noWorkError } from './singleton-errors.ts';

/** The ready value of a singleton, which is ready at once, whoever has the lease. */
export interface Singleton {
  /** It has the lease, and runs what it is for. */
  readonly isHolding: boolean;
  /** Its own; undefined while it has none. */
  readonly lease: Lease | undefined;
  /** The replica that has it, as far as it has heard: `'web-1:4711'`, host name and process. */
  readonly holder: string | undefined;
}

export type Make = (lease: Lease) => AnyDefinition;

/**
 * One incarnation of a singleton: does what its chart decides.
 *
 * 1. What it runs is up only while the lease is its own, by its own clock and the engine's.
 * 2. The lease is given back when what it runs has ended, on every exit; where nobody waits for that,
 *    it runs out.
 * 3. Only the answer to what was asked last counts.
 */
class SingletonLife implements LeaseHands {
  readonly #backstage: Backstage;
  readonly #access: Access;
  readonly #terms: LeaseTerms;
  readonly #make: Make;
  #actor: AnyActor | undefined;
  #work: Beginning | undefined;
  #asked = 0;

  constructor(ctx: Context, terms: LeaseTerms, make: Make) {
    this.#backstage = backstage(ctx);
    this.#access = accessOf(this.#backstage);
    this.#terms = terms;
    this.#make = make;
  }

  get name(): string {
    return this.#backstage.path;
  }

  get replica(): string {
    return this.#access.replica;
  }

  get snapshot(): SnapshotFrom<typeof leaseMachine> | undefined {
    return this.#backstage.isOver ? undefined : this.#actor?.getSnapshot();
  }

  /** Resolves when it is asked to stop. */
  run(): Promise<void> {
    const stage = this.#backstage;
    const input: LeaseInput = { hands: this, terms: this.#terms, returnWithinMs };
    const over = new Promise<void>((resolve) => {
      this.#actor = stage.hire(leaseMachine, {
        id: `${this.name}.lease`,
        input,
        onNews: (news) => this.#report(news as LeaseNews),
        onEnd: (end) => {
          if (end.type === 'error') stage.fail(end.error);
          resolve();
        },
      });
    });
    const forget = this.#access.watch(leaseTopic(this.name), () => this.#tell({ type: 'hinted' }));
    // By then what it runs is down: children end before anything that was deferred.
    stage.defer(() => {
      if (stage.isOver) return undefined;
      this.#tell({ type: 'workEnded' });
      return over;
    });
    return new Promise((resolve) => {
      stage.onCancel(() => {
        forget();
        this.#tell({ type: 'stop' });
        resolve();
      });
    });
  }

  // For its chart.

  now(): number {
    return this.#backstage.clock.monotonic();
  }

  random(): number {
    return this.#backstage.random();
  }

  acquire(): void {
    this.#ask(async () => {
      const { name, replica: holder } = this;
      const { ttlMs } = this.#terms;
      const now = this.#access.now();
      const [found] = await this.#access.submit([['leases.read', { name }]]);
      // Looked at first, as that disturbs nobody. One that lasts strangely long is asked for anyway.
      const isTaken = found && found.until > now && found.until <= now + ttlMs;
      if (isTaken) return refused(found, now);
      const request = { name, holder, now, ttlMs };
      const [answer] = await this.#access.submit([['leases.acquire', request]]);
      const { token } = answer;
      return token === null ? refused(answer, now) : { type: 'granted', token };
    });
  }

  renew(token: number): void {
    this.#ask(async () => {
      const { ttlMs } = this.#terms;
      const claim = { name: this.name, token, now: this.#access.now(), ttlMs };
      const [isOurs] = await this.#access.submit([['leases.renew', claim]]);
      return { type: isOurs ? 'renewed' : 'lost' };
    });
  }

  release(token: number): void {
    const claim = { name: this.name, token };
    const tell = (isFree: boolean) => this.#tell({ type: 'returned', isFree });
    // One that could not be given back runs out.
    void this.#access.submit([['leases.release', claim]]).then(
      ([isFree]) => tell(isFree),
      () => tell(false),
    );
  }

  beginWork(token: number): void {
    const stage = this.#backstage;
    stage.kernel.dispatcher.post(() => {
      if (stage.isCancelled) return;
      try {
        const definition = stage.attribute(() => this.#make({ name: this.name, token }));
        if (!isDefinition(definition)) throw noWorkError(this.name, definition);
        this.#begin(definition);
      } catch (error) {
        stage.fail(error);
      }
    });
  }

  endWork(): void {
    this.#backstage.kernel.dispatcher.post(() => {
      const work = this.#work;
      this.#work = undefined;
      const ended = () => this.#tell({ type: 'workEnded' });
      void (work?.stop() ?? Promise.resolve()).then(ended);
    });
  }

  #begin(definition: AnyDefinition): void {
    const stage = this.#backstage;
    const { marginMs } = this.#terms;
    if (isCutShort(definition, marginMs)) {
      const text = `The stopWithin of ${definition.name} is longer than the margin of its lease, ${formatDuration(marginMs)}, which is what it has.`;
      stage.record({ type: 'hint', text });
    }
    const work = stage.beginChild(endingWithin(definition, marginMs));
    this.#work = work;
    work.ready.catch((error: unknown) => {
      if (this.#work === work && !stage.isCancelled) stage.fail(error);
    });
  }

  #ask(question: () => Promise<LeaseEvent>): void {
    const number = ++this.#asked;
    const answer = (event: LeaseEvent) => {
      if (number === this.#asked) this.#tell(event);
    };
    void question().then(answer, (error: unknown) => answer({ type: 'unreachable', error }));
  }

  #tell(event: LeaseEvent): void {
    if (this.#actor) this.#backstage.tell(this.#actor, event);
  }

  #report(news: LeaseNews): void {
    const { token, holder, error } = { token: null, holder: undefined, error: undefined, ...news };
    this.#backstage.record({
      type: 'lease',
      status: statuses[news.type],
      token,
      ...(holder !== undefined && { holder }),
      ...(error !== undefined && { error: errorInfo(error) }),
    });
  }
}

const statuses: Readonly<Record<LeaseNews['type'], LeaseHappening['status']>> = {
  standingBy: 'standing-by',
  acquired: 'acquired',
  unreachable: 'unreachable',
  renewed: 'renewed',
  lost: 'lost',
  released: 'released',
};

function refused({ holder, until }: Pick<LeaseRow, 'holder' | 'until'>, now: number): LeaseEvent {
  return { type: 'refused', holder, forMs: until - now };
}

/** What others get of one incarnation of a singleton. */
export class LiveSingleton implements Singleton {
  readonly #life: SingletonLife;

  constructor(ctx: Context, terms: LeaseTerms, make: Make) {
    this.#life = new SingletonLife(ctx, terms, make);
  }

  static run(singleton: LiveSingleton): Promise<void> {
    return singleton.#life.run();
  }

  get isHolding(): boolean {
    return this.lease !== undefined;
  }

  get lease(): Lease | undefined {
    const snapshot = this.#life.snapshot;
    const token = snapshot?.matches('holding') ? snapshot.context.token : null;
    return token === null ? undefined : { name: this.#life.name, token };
  }

  get holder(): string | undefined {
    return this.isHolding ? this.#life.replica : this.#life.snapshot?.context.holder;
  }
}
