import type { Request, Step } from '../engine.ts';
import { operations, takesTurns, together } from './operations.ts';
import type { Session } from './session.ts';

/** Where the result of a step belongs. */
interface Place {
  readonly request: number;
  readonly step: number;
}

/** One operation, or several neighbours that are carried out together. */
export interface Call {
  readonly name: Step[0];
  readonly args: readonly Step[1][];
  readonly places: readonly Place[];
  /** It is alone under way, as it needs answers to go on. */
  readonly takesTurns: boolean;
}

type One = (session: Session, args: unknown) => Promise<unknown>;
type Many = (session: Session, args: readonly unknown[]) => Promise<readonly unknown[]>;

/** What a group of requests comes down to, in its order. */
export function callsOf(group: readonly Request[]): Call[] {
  const calls: (Call & { args: Step[1][]; places: Place[] })[] = [];
  const settled = new Set<string>();
  for (const [request, { steps }] of group.entries()) {
    for (const [index, step] of steps.entries()) {
      const [name, args] = step;
      const place = { request, step: index };
      const last = calls.at(-1);
      // Of two settlements of one job the second one has to find what the first one did.
      const isRepeated = name === 'jobs.settle' && settled.has(args.id);
      if (last?.name === name && together[name] && !isRepeated) {
        last.args.push(args);
        last.places.push(place);
      } else {
        settled.clear();
        calls.push({ name, args: [args], places: [place], takesTurns: takesTurns(step) });
      }
      if (name === 'jobs.settle') settled.add(args.id);
    }
  }
  return calls;
}

/** The results, one for each place. What it sends first is sent when this is called. */
export async function carryOut(
  session: Session,
  { name, args }: Call,
): Promise<readonly unknown[]> {
  const many = together[name] as Many | undefined;
  if (many) return await many(session, args);
  return [await (operations[name] as One)(session, args[0])];
}
