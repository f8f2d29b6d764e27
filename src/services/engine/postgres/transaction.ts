import type { Outcome, Request } from '../engine.ts';
import { ConflictError, RefusedError } from '../failures.ts';
import type { PostgresFacts } from './address.ts';
import { type Call, callsOf, carryOut, carryOutAll } from './calls.ts';
import { LostError } from './connection.ts';
import { failureOf } from './failures.ts';
import { locksOf, takeLocks } from './locks.ts';
import { expectations, lookups } from './operations.ts';
import type { Session } from './session.ts';
import { beginToRead } from './settings.ts';

/** What came of a transaction. */
export type Trial =
  | { readonly outcomes: readonly Outcome[] }
  /** Nothing of it counts. undefined: it is no request that is to blame. */
  | { readonly failedAt: number | undefined; readonly error: unknown };

type Answer = PromiseSettledResult<readonly unknown[]>;

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
  const isOneState = part.some(({ steps }) => steps.length > 1) || calls.some(isPlannedAnew);
  const begun = isOneState && session.command(beginToRead);
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
  const isAtOnce = !hasToWait(part) && !calls.some(({ takesTurns }) => takesTurns);
  const trial = await (isAtOnce ? changeAtOnce : changeStepwise)(session, part, calls, facts);
  session.outlook.forgetChanged(part);
  return trial;
}

/** Nothing depends on an answer: all of it is sent together, the commit as well. */
async function changeAtOnce(
  session: Session,
  part: readonly Request[],
  calls: readonly Call[],
  facts: PostgresFacts,
): Promise<Trial> {
  const [asked, committed] = session.transact(() => {
    const locked = takeLocks(session, facts.schema, locksOf(part));
    return { locked, answers: carryOutAll(session, calls) };
  });
  session.notifier.tell(part);
  const [answers, error, commitError] = await Promise.all([
    Promise.allSettled(asked.answers),
    errorOf([asked.locked]),
    outcomeOf(committed),
  ]);
  const trial = trialOf(part, calls, answers, error, facts);
  return 'error' in trial ? trial : orFailed(trial, commitError);
}

async function changeStepwise(
  session: Session,
  part: readonly Request[],
  calls: readonly Call[],
  facts: PostgresFacts,
): Promise<Trial> {
  const begun = errorOf([session.begin(), takeLocks(session, facts.schema, locksOf(part))]);
  const asked = await askAll(session, calls);
  // What goes wrong on the server makes a rollback of the commit that follows.
  const commit = () => {
    const ended = outcomeOf(session.command('COMMIT'));
    session.notifier.tell(part);
    return ended;
  };
  const early = hasToWait(part) ? undefined : commit();
  const [answers, error] = await Promise.all([Promise.allSettled(asked), begun]);
  const trial = trialOf(part, calls, answers, error, facts);
  if (part.some(isUndone) || 'error' in trial) {
    await (early ?? session.command('ROLLBACK'));
    return trial;
  }
  return orFailed(trial, await (early ?? commit()));
}

/** @throws LostError */
function orFailed(trial: Trial, commitError: unknown): Trial {
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

function isPlannedAnew({ name }: Call): boolean {
  return name === 'history.read';
}

/** Whether it may be committed is known when there are answers. */
function hasToWait(part: readonly Request[]): boolean {
  return part.some((request) => isUndone(request) || hasExpectation(request));
}

function isUndone(request: Request): boolean {
  return request.isRehearsal && !isLookup(request);
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
