import type { Outcome, Request } from '../engine.ts';
import { ConflictError, RefusedError } from '../failures.ts';
import type { PostgresFacts } from './address.ts';
import { type Call, callsOf, carryOut } from './calls.ts';
import { LostError } from './connection.ts';
import { failureOf } from './failures.ts';
import { locksOf, takeLocks } from './locks.ts';
import { expectations, lookups } from './operations.ts';
import type { Session } from './session.ts';

/** What came of a transaction. */
export type Trial =
  | { readonly outcomes: readonly Outcome[] }
  /** Nothing of it counts. undefined: it is no request that is to blame. */
  | { readonly failedAt: number | undefined; readonly error: unknown };

type Answer = PromiseSettledResult<readonly unknown[]>;

/**
 * Rows are looked up by indexes, whatever the server takes the sizes of tables to be: it counts now
 * and then, and a queue that was empty at that moment may have a million jobs by now. So there is
 * nothing to be planned anew, which would take longer than most statements. And a process that stands
 * still in the middle of a transaction does not hold up the others for longer than this.
 */
const begin = `BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
  SET LOCAL enable_mergejoin = off; SET LOCAL plan_cache_mode = force_generic_plan;
  SET LOCAL idle_in_transaction_session_timeout = '10s'`;

export function isLookup({ steps }: Request): boolean {
  return steps.every(([name]) => lookups.has(name));
}

/** @throws LostError */
export async function tryTransaction(
  session: Session,
  part: readonly Request[],
  facts: PostgresFacts,
): Promise<Trial> {
  const calls = callsOf(part);
  if (!part.every(isLookup)) return await change(session, part, calls, facts);
  const { answers, error } = await lookUp(session, part, calls);
  return trialOf(part, calls, answers, error, facts);
}

/** Several steps of one request see one state; a single one needs no transaction for that. */
async function lookUp(session: Session, part: readonly Request[], calls: readonly Call[]) {
  const isOneState = part.some(({ steps }) => steps.length > 1);
  const begun = isOneState && session.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const asked = calls.map((call) => carryOut(session, call));
  const ended = isOneState && session.command('COMMIT');
  const [answers, error] = await Promise.all([Promise.allSettled(asked), errorOf([begun, ended])]);
  return { answers, error };
}

async function change(
  session: Session,
  part: readonly Request[],
  calls: readonly Call[],
  facts: PostgresFacts,
): Promise<Trial> {
  const begun = errorOf([session.command(begin), takeLocks(session, facts.schema, locksOf(part))]);
  const asked = await askAll(session, calls);
  const isRehearsal = part.some((request) => request.isRehearsal && !isLookup(request));
  // What goes wrong on the server makes a rollback of the commit that follows.
  const commit = () => {
    const ended = session.command('COMMIT');
    session.notifier.tell(part);
    return ended;
  };
  const early = isRehearsal || part.some(hasExpectation) ? undefined : outcomeOf(commit());
  const [answers, error] = await Promise.all([Promise.allSettled(asked), begun]);
  session.outlook.forgetChanged(part);
  const trial = trialOf(part, calls, answers, error, facts);
  if (isRehearsal || 'error' in trial) {
    await (early ?? session.command('ROLLBACK'));
    return trial;
  }
  const commitError = await (early ?? outcomeOf(commit()));
  if (commitError instanceof LostError) throw commitError;
  return commitError === undefined ? trial : { failedAt: undefined, error: commitError };
}

/** What came of a commit, as an error; undefined: it is stored. */
async function outcomeOf(commit: Promise<string>): Promise<unknown> {
  try {
    const done = await commit;
    return done === 'COMMIT' ? undefined : new Error(`The server answered COMMIT with ${done}.`);
  } catch (error) {
    return error;
  }
}

/** Sends everything, and waits only where an operation needs answers to go on. */
async function askAll(
  session: Session,
  calls: readonly Call[],
): Promise<readonly Promise<readonly unknown[]>[]> {
  const asked: Promise<readonly unknown[]>[] = [];
  for (const call of calls) {
    if (call.takesTurns) await Promise.allSettled(asked);
    const answer = carryOut(session, call);
    // It is looked at later, with the others.
    answer.catch(() => {});
    asked.push(answer);
    if (call.takesTurns) await Promise.allSettled([answer]);
  }
  return asked;
}

/** Those of a lookup fail by themselves: they have changed nothing that would have to be undone. */
function hasExpectation(request: Request): boolean {
  return !isLookup(request) && request.steps.some(([name]) => expectations.has(name));
}

function trialOf(
  part: readonly Request[],
  calls: readonly Call[],
  answers: readonly Answer[],
  error: unknown,
  facts: PostgresFacts,
): Trial {
  const outcomes: Outcome[] = part.map(({ steps }) => ({ results: new Array(steps.length) }));
  const lost = answers.find(isLost);
  if (lost) throw lost.reason;
  if (error !== undefined) return { failedAt: undefined, error };
  for (const [index, { places }] of calls.entries()) {
    const answer = answers[index] as Answer;
    if (answer.status === 'rejected') {
      const { reason } = answer;
      const at = places[0]?.request as number;
      if (isOurs(reason) && isLookup(part[at] as Request)) {
        outcomes[at] = { failure: failureOf(reason, facts) };
      } else {
        return { failedAt: at, error: reason };
      }
      continue;
    }
    for (const [position, { request, step }] of places.entries()) {
      const outcome = outcomes[request] as Outcome;
      if ('results' in outcome) {
        (outcome.results as unknown[])[step] = answer.value[position];
      }
    }
  }
  return { outcomes };
}

function isLost(answer: Answer): answer is PromiseRejectedResult {
  return answer.status === 'rejected' && answer.reason instanceof LostError;
}

/** Found here: to the server everything is in order. */
function isOurs(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof RefusedError;
}

/** @throws LostError */
async function errorOf(promises: readonly (Promise<unknown> | false)[]): Promise<unknown> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === 'fulfilled') continue;
    if (result.reason instanceof LostError) throw result.reason;
    return result.reason;
  }
  return undefined;
}
