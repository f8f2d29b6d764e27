import { errorInfo } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { Step } from '../engine/engine.ts';
import type { Access } from '../storage/access.ts';
import { accessOf } from '../storage/facility.ts';

/** How long it is known of a tick that it was taken, beside the latest: nobody comes that late. */
const keepMs = 3_600_000;

/** What the replicas of a schedule know together: who has which tick, and which was the last. */
export class SharedTicks {
  readonly #backstage: Backstage;
  #isUnreachable = false;

  constructor(backstage: Backstage) {
    this.#backstage = backstage;
  }

  /** When the latest tick that anybody has run was due; null: there was none. Rejects when nobody can say. */
  async last(): Promise<number | null> {
    const { path: schedule } = this.#backstage;
    return await this.#noticing(async (access) => {
      const [last] = await access.submit([['ticks.last', { schedule }]]);
      return last;
    });
  }

  /** Whether it is ours. Rejects when nobody can say. */
  async claim(dueAt: number): Promise<boolean> {
    const { path: schedule } = this.#backstage;
    return await this.#noticing(async (access) => {
      const claim = { schedule, dueAt, now: access.now(), keepMs };
      const [isOurs] = await access.submit([['ticks.claim', claim]]);
      return isOurs;
    });
  }

  /** What claims it as a part of something else, which fails when it is not ours. */
  claimStep(dueAt: number): Step {
    const { path: schedule, clock } = this.#backstage;
    return ['ticks.take', { schedule, dueAt, now: clock.now(), keepMs }];
  }

  /** Says once that nobody answers, and once that somebody does again. */
  async #noticing<Result>(ask: (access: Access) => Promise<Result>): Promise<Result> {
    try {
      const result = await ask(accessOf(this.#backstage));
      if (this.#isUnreachable) this.#backstage.record({ type: 'schedule', status: 'reachable' });
      this.#isUnreachable = false;
      return result;
    } catch (thrown) {
      const error = errorInfo(thrown);
      if (!this.#isUnreachable) {
        this.#backstage.record({ type: 'schedule', status: 'unreachable', error });
      }
      this.#isUnreachable = true;
      throw thrown;
    }
  }
}
