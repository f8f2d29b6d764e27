import type { Outcome, Request } from '../engine.ts';
import type { PostgresFacts } from './address.ts';
import { failureOf, isMomentary } from './failures.ts';
import type { Session } from './session.ts';
import { isLookup, tryTransaction } from './transaction.ts';

/** Tries of what fails only because of what others do at that moment. */
const mostTries = 5;

/**
 * Carries out a group of requests, in their order.
 *
 * 1. The group is one transaction, without a mark before each request: mostly all of them succeed.
 * 2. When one fails, nothing of the transaction counts. Those before it are carried out again, then
 *    that one by itself, then those behind it; so it takes nothing of the others along.
 * 3. Statements are sent without waiting for answers wherever nothing depends on them: a group mostly
 *    takes the time of one message to the server and back.
 *
 * @throws LostError when nobody knows what came of it
 */
export async function execute(
  session: Session,
  group: readonly Request[],
  facts: PostgresFacts,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const part of partsOf(group)) outcomes.push(...(await carryOutPart(session, part, facts)));
  return outcomes;
}

/** A rehearsal that changes something is a transaction of its own, which is rolled back. */
function partsOf(group: readonly Request[]): (readonly Request[])[] {
  const parts: Request[][] = [];
  let isOpen = false;
  for (const request of group) {
    const isAlone = request.isRehearsal && !isLookup(request);
    if (isOpen && !isAlone) parts.at(-1)?.push(request);
    else parts.push([request]);
    isOpen = !isAlone;
  }
  return parts;
}

async function carryOutPart(
  session: Session,
  part: readonly Request[],
  facts: PostgresFacts,
): Promise<readonly Outcome[]> {
  if (part.length === 0) return [];
  for (let attempt = 1; ; attempt++) {
    const trial = await tryTransaction(session, part, facts);
    if ('outcomes' in trial) return trial.outcomes;
    const { failedAt, error } = trial;
    if (isMomentary(error) && attempt < mostTries) continue;
    if (part.length === 1 || failedAt === undefined) {
      const failure = failureOf(error, facts);
      return part.map(() => ({ failure }));
    }
    return [
      ...(await carryOutPart(session, part.slice(0, failedAt), facts)),
      ...(await carryOutPart(session, part.slice(failedAt, failedAt + 1), facts)),
      ...(await carryOutPart(session, part.slice(failedAt + 1), facts)),
    ];
  }
}
