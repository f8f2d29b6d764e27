import type { LifecycleEvent } from '../../../src/events.ts';
import { eventsOf, type History, type RunEnd } from './history.ts';
import type { BodyFact, CallEntry, Entry } from './log.ts';
import type { Plan } from './plan.ts';
import { Shape } from './shape.ts';

const error = { name: 'Error', message: 'no' };

/** What an event says when a line does not say otherwise. */
const said: Readonly<Record<string, object>> = {
  starting: { attempt: 0 },
  'start-failed': { error },
  'stop-requested': { limitMs: 5_000 },
  unstopped: { limitMs: 5_000 },
  ended: { reason: 'shutdown' },
  backoff: { delayMs: 0, attempt: 1, used: 1 },
};

const line = /^(?:(\d+) )?(?:(\.|>|--|timer) )?(.*)$/;
const eventLine = /^([\w-]+) ([\w/]+)(?:#(\d+))?(?: (\{.*\}))?(?: =(\w+))?$/;

/**
 * A history by hand, an entry a line; the time may be left out where it is that of the line before.
 *
 *     0 ended app/s1#1 {"reason":"error"} =stopped   an event, with what its listener saw
 *     . app/s1#1 cleanup-begins inner                what a body did
 *     > 1 begins stopChild app s1                    a call
 *     > 1 ends ok
 *     timer 1 armed 50
 *     -- 0                                           a step of the plan
 */
export function historyOf(plan: Plan, text: string, more: Partial<History> = {}): History {
  const reader = new Reader();
  const lines = text.split('\n').map((each) => each.trim());
  for (const each of lines) if (each !== '') reader.read(each);
  const history = {
    plan,
    shape: new Shape(plan),
    entries: reader.entries,
    runs: reader.runs(),
    statuses: new Map(),
    echoes: [],
    worstCases: new Map(),
    timersLeft: 0,
    isLooping: false,
    isUnfinished: false,
    escaped: [],
    report: undefined,
    throws: true,
  };
  const echoes = eventsOf(history).map(({ event, status }) => [event.seq, status] as const);
  return { ...history, echoes, ...more };
}

class Reader {
  readonly entries: Entry[] = [];
  readonly #run = new Map<string, number>();
  readonly #calls = new Map<number, CallEntry>();
  #runs = 0;
  #events = 0;
  #at = 0;

  read(text: string): void {
    const [, at, mark, rest = ''] = line.exec(text) ?? [];
    this.#at = at === undefined ? this.#at : Number(at);
    const base = { n: this.entries.length, at: this.#at };
    const words = rest.split(' ');
    if (mark === '.') this.entries.push({ ...base, ...this.#body(words) });
    else if (mark === '>') this.entries.push({ ...base, ...this.#call(words, base) });
    else if (mark === '--') this.entries.push({ ...base, kind: 'step', step: Number(rest) });
    else if (mark === 'timer') {
      const [timer, what, ms] = words;
      const entry = { timer: Number(timer), what: what as 'armed', ms: Number(ms) };
      this.entries.push({ ...base, kind: 'timer', ...entry });
    } else this.entries.push({ ...base, ...this.#event(rest) });
  }

  #event(text: string) {
    const match = eventLine.exec(text);
    if (!match) throw new SyntaxError(`Not an entry: ${text}`);
    const [, type = '', path, incarnation, data, status = ''] = match;
    const place = { seq: ++this.#events, at: this.#at, time: 0, path };
    const all = { ...place, incarnation: Number(incarnation ?? 0), type, ...said[type] };
    const event = { ...all, ...(data && JSON.parse(data)) } as LifecycleEvent;
    return { kind: 'event' as const, event, status };
  }

  #body([place = '', what, ...detail]: string[]) {
    const [path = '', incarnation] = place.split('#');
    if (what === 'begins') this.#run.set(place, this.#runs++);
    const run = this.#run.get(place) ?? 0;
    const about = { kind: 'body' as const, what: what as BodyFact, run, path };
    const entry = { ...about, incarnation: Number(incarnation) };
    return detail.length === 0 ? entry : { ...entry, detail: detail.join(' ') };
  }

  #call([number, what, ...rest]: string[], base: { n: number; at: number }): CallEntry {
    const call = Number(number);
    const begun = this.#calls.get(call);
    if (what === 'ends' && begun) return { ...begun, ...base, what, result: rest[0] ?? 'ok' };
    const [fn = '', path = '', child] = rest;
    const about = { ...base, kind: 'call' as const, what: 'begins' as const, call, fn, path };
    const entry = child === undefined ? about : { ...about, child };
    this.#calls.set(call, entry);
    return entry;
  }

  /** What is left of the bodies, as their lines tell. */
  runs(): RunEnd[] {
    const bodies = this.entries.filter((entry) => entry.kind === 'body');
    const begins = bodies.filter(({ what }) => what === 'begins');
    return begins.map(({ run, path, incarnation }) => {
      const did = (fact: BodyFact) => bodies.some((each) => each.run === run && each.what === fact);
      const end = { isOver: did('ends'), isAborted: did('cancelled'), isSameSignal: true };
      return { run, path, incarnation, ...end };
    });
  }
}
