import { connect, Database } from './database.ts';
import { type Engine, EngineError, type Request, type ResultsOf, type Step } from './engine.ts';
import { execute } from './execute.ts';
import { closedFailure, failureOf } from './failures.ts';
import { migrate } from './migrations.ts';
import { Watchers } from './watchers.ts';

const facts = { file: 'The storage in memory', busyTimeoutMs: 0 };

/**
 * The same operations on the same tables, in this thread and in memory: for tests. A request is done
 * when `submit` returns, and settles in a microtask, so that a simulated run is repeatable.
 */
export class MemoryEngine implements Engine {
  readonly #watchers = new Watchers();
  #database: Database | undefined;
  #isClosed = false;

  async submit<const Steps extends readonly Step[]>(
    steps: Steps,
    { isRehearsal = false } = {},
  ): Promise<ResultsOf<Steps>> {
    if (this.#isClosed) throw new EngineError(closedFailure);
    this.#database ??= openMemory();
    const group: readonly Request[] = [{ steps, isRehearsal }];
    const [outcome] = execute(this.#database, group, (error) => failureOf(error, facts));
    if (!outcome || 'failure' in outcome) throw new EngineError(outcome?.failure ?? closedFailure);
    if (!isRehearsal) this.#watchers.tellOfSteps(steps, outcome.results);
    return outcome.results as ResultsOf<Steps>;
  }

  watch(queue: string, listener: () => void): () => void {
    return this.#watchers.add(queue, listener);
  }

  close(): undefined {
    this.#isClosed = true;
    this.#database?.close();
    this.#database = undefined;
  }

  abort(): void {
    this.close();
  }
}

function openMemory(): Database {
  const connection = connect(':memory:', 0);
  migrate(connection);
  return new Database(connection);
}
