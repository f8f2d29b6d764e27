import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('acknowledgedWritesSurvive');

type Stored = Extract<TraceEvent, { readonly type: 'stored' }>;

/** What an entry may be now, with what says so. */
interface Entry {
  readonly values: ReadonlySet<string | null>;
  readonly since: Stored | undefined;
}

/**
 * What is read is what was written last. Of a write that failed with an open end either is possible;
 * what expires may be gone.
 */
export const acknowledgedWritesSurvive: Invariant = {
  name: 'acknowledgedWritesSurvive',
  description: 'What a service reads from its storage is what was acknowledged last.',
  kind: 'safety',
  needs: ['whole-run'],
  isDurable: true,
  begin() {
    const stores = new Map<string, Map<string, Entry>>();
    return {
      onEvent(event) {
        if (event.type !== 'stored') return undefined;
        const place = `${event.path} ${event.store}`;
        const entries = stores.get(place) ?? new Map<string, Entry>();
        stores.set(place, entries);
        if (event.did !== 'read') return write(entries, event);
        const known = entries.get(event.key ?? '') ?? nothing;
        if (known.values.has(event.value)) return undefined;
        const expected = [...known.values].map(shown).join(' or ');
        return violation(
          event,
          `${event.path} reads ${shown(event.value)} under '${event.key}' at ${event.at} ms; ${expected} was written.`,
          known.since,
        );
      },
    };
  },
};

/** What every tree that stores something keeps. */
export const storageInvariants: readonly Invariant[] = [acknowledgedWritesSurvive];

const nothing: Entry = { values: new Set([null]), since: undefined };

function write(entries: Map<string, Entry>, event: Stored): undefined {
  const keys = event.key === null ? [...entries.keys()] : [event.key];
  for (const key of keys) {
    const before = entries.get(key) ?? nothing;
    const values = new Set([event.value]);
    if (event.expires) values.add(null);
    if (event.did === 'tried') for (const value of before.values) values.add(value);
    entries.set(key, { values, since: event });
  }
}

function shown(value: string | null): string {
  return value ?? 'nothing';
}
