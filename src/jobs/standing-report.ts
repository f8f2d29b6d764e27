import type { QueueStanding } from '../../actors/rules/queue-hands.ts';
import { errorInfo, messageOf } from '../events.ts';
import type { Backstage } from '../kernel/backstage.ts';
import { noteHealth } from '../kernel/health.ts';
import { storageError } from '../services/storage/errors.ts';

/** Says how a worker finds its queue, once for each change, and what that means for its health. */
export class StandingReport {
  readonly #backstage: Backstage;
  readonly #queue: string;
  #standing: QueueStanding = 'open';

  constructor(backstage: Backstage, queue: string) {
    this.#backstage = backstage;
    this.#queue = queue;
  }

  get standing(): QueueStanding {
    return this.#standing;
  }

  /** @param delayMs until the next try, of one that is out of reach */
  note(standing: QueueStanding, thrown: unknown, delayMs: number): void {
    const before = this.#standing;
    if (standing === before) return;
    this.#standing = standing;
    if (standing === 'unreachable') return this.#unreachable(thrown, delayMs);
    if (before === 'unreachable') this.#reachable();
    if (before === 'paused') this.#say('resumed');
    if (standing === 'paused') this.#say('paused');
  }

  #unreachable(thrown: unknown, delayMs: number): void {
    const { kernel, node, path } = this.#backstage;
    const error = storageError(path, thrown);
    const more = { delayMs, error: errorInfo(error) };
    this.#backstage.record({ type: 'queue', queue: this.#queue, status: 'unreachable', ...more });
    const reason = `its storage is out of reach: ${messageOf(error)}`;
    noteHealth(kernel, node, 'queue', { status: 'degraded', reason });
  }

  #reachable(): void {
    const { kernel, node } = this.#backstage;
    this.#say('reachable');
    noteHealth(kernel, node, 'queue', { status: 'healthy', reason: undefined });
  }

  #say(status: 'paused' | 'resumed' | 'reachable'): void {
    this.#backstage.record({ type: 'queue', queue: this.#queue, status });
  }
}
