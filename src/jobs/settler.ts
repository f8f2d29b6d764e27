import type { AttemptOutcome } from '../../actors/rules/job-hands.ts';
import type { JobState } from '../define/jobs.ts';
import type { Step } from '../services/engine/engine.ts';
import type { Claimed, JobRow } from '../services/engine/job-rows.ts';
import type { ProgressLog } from './progress-log.ts';
import { errorText, resultText, settleStep } from './settlement.ts';
import type { Shop } from './shop.ts';

/** Stores what became of one attempt. */
export class Settler {
  readonly #shop: Shop;
  readonly #claim: Claimed;
  readonly #progress: ProgressLog;
  readonly #onResultLost: (problem: string) => void;
  #tries = 0;

  /** @param onResultLost why what the handler returned is not kept */
  constructor(
    shop: Shop,
    claim: Claimed,
    progress: ProgressLog,
    onResultLost: (problem: string) => void,
  ) {
    this.#shop = shop;
    this.#claim = claim;
    this.#progress = progress;
    this.#onResultLost = onResultLost;
  }

  /** The step that stores it, if the claim is current. */
  stepOf(outcome: AttemptOutcome): Step {
    const { backstage, queue } = this.#shop;
    const now = Math.floor(backstage.clock.now());
    const result = outcome.type === 'completed' ? this.#textOf(outcome.result) : null;
    return settleStep(queue, this.#claim, now, outcome, result);
  }

  /**
   * Says where the job is then; null: somebody else decides that. Says so at once: before anything
   * that was asked for later is answered.
   *
   * @param onFailure it is not known whether it was stored
   */
  store(
    outcome: AttemptOutcome,
    onStored: (state: JobState | null) => void,
    onFailure: () => void,
  ): void {
    const { id, fence } = this.#claim;
    const step = this.stepOf(outcome);
    const progress = this.#progress.close();
    const told: Step[] = progress === undefined ? [] : [['jobs.progress', { id, fence, progress }]];
    const isFirst = this.#tries++ === 0;
    const look: Step[] = isFirst ? [] : [['jobs.get', { queue: this.#shop.queue.name, id }]];
    this.#shop.submit([...told, step, ...look]).then((results) => {
      const state = results[told.length] as JobState | null;
      if (state !== null || isFirst) return onStored(state);
      // An earlier try may have been stored, although nobody heard of it.
      const row = results.at(-1) as JobRow | null;
      if (!row || !this.#isOwn(row, outcome)) return onStored(null);
      // What has become of later attempts is told by those.
      onStored(row.fence > this.#claim.fence ? 'scheduled' : row.state);
    }, onFailure);
  }

  #isOwn({ state, attempt, fence, holder, error }: JobRow, outcome: AttemptOutcome): boolean {
    // The next attempt may have begun meanwhile; its error is still that of this one.
    if (outcome.type === 'retry') return error === errorText(outcome.error);
    // Somebody may have had it tried again: then it is another claim, or none yet.
    if (fence !== this.#claim.fence || attempt !== this.#claim.attempt) return false;
    switch (outcome.type) {
      case 'completed':
        return state === 'completed' && holder === this.#shop.holder;
      case 'dead':
        return error === errorText(outcome.error);
      default:
        return state === outcome.type;
    }
  }

  #textOf(result: unknown): string | null {
    const kept = resultText(result, this.#shop.office.maxValueBytes);
    if ('problem' in kept && this.#tries === 0) this.#onResultLost(kept.problem);
    return kept.text;
  }
}
