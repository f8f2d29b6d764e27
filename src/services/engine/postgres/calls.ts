import type { ArgsOf, Request, Step } from '../engine.ts';
import { type Handover, handOver, mayHandOver } from './jobs/handing-over.ts';
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

/** All of them, in their order: the answers to each. Those that none has to wait for are sent at once. */
export function carryOutAll(
  session: Session,
  calls: readonly Call[],
): readonly Promise<readonly unknown[]>[] {
  const answers: Promise<readonly unknown[]>[] = [];
  for (let index = 0; index < calls.length; index++) {
    const [call, next] = [calls[index] as Call, calls[index + 1]];
    const handover = next && handoverOf(session, call, next);
    if (handover) {
      answers.push(
        handover.settled,
        handover.answer.then((answer) => [answer]),
      );
      index++;
    } else {
      answers.push(carryOut(session, call));
    }
  }
  return answers;
}

function handoverOf(session: Session, one: Call, next: Call): Handover | undefined {
  if (one.name !== 'jobs.settle' || next.name !== 'jobs.claim') return undefined;
  const ends = one.args as readonly ArgsOf<'jobs.settle'>[];
  const query = next.args[0] as ArgsOf<'jobs.claim'>;
  return mayHandOver(session, ends, query) ? handOver(session, ends, query) : undefined;
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
