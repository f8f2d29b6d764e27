import { type Entries, service } from 'daruma';
import { Check, Incident } from './topics.ts';

const slowMs = 1_000;
const pageSize = 1_000;

/** What is remembered, in `ctx.storage`: it survives crashes, restarts and `kill -9`. */
export const store = service('store', {
  start: ({ storage }) => {
    const checks = storage.store('checks', Check);
    const open = storage.store('open incidents', Incident);
    const closed = storage.store('closed incidents', Incident);

    return {
      addCheck: (check: Check) => checks.set(key(check.target, check.at), check),

      /** The oldest first, from a moment on. */
      async checksOf(target: string, since: number): Promise<Check[]> {
        const found: Check[] = [];
        for await (const page of pagesOf(checks, `${target}/`, key(target, since - 1))) {
          found.push(...page.map(({ value }) => value));
        }
        return found;
      },

      openIncident: (incident: Incident) => open.set(incident.target, incident),

      closeIncident: (incident: Incident) =>
        storage.transaction(async (tx) => {
          await tx.store('open incidents', Incident).delete(incident.target);
          const own = key(incident.target, incident.openedAt);
          await tx.store('closed incidents', Incident).set(own, incident);
        }),

      openIncidents: async () => (await open.list()).map(({ value }) => value),

      async closedIncidents(since: number): Promise<Incident[]> {
        const all: Incident[] = [];
        for await (const page of pagesOf(closed, '', '')) all.push(...page.map((e) => e.value));
        return all.filter(({ closedAt = 0 }) => closedAt >= since);
      },

      /** Forgets everything from before a moment, open incidents excepted. Resolves with how much. */
      async forget(before: number): Promise<number> {
        const oldChecks = await forgetIn(checks, ({ at }) => at < before);
        return oldChecks + (await forgetIn(closed, ({ closedAt = 0 }) => closedAt < before));
      },
    };
  },
  health: {
    answers: async (ctx, { openIncidents }) => {
      const began = ctx.now();
      await openIncidents();
      const ms = ctx.now() - began;
      return ms <= slowMs || { status: 'degraded', reason: `answers in ${ms} ms` };
    },
  },
});

/** Keys are sorted as text, so that those of a target are sorted by time. */
function key(target: string, at: number): string {
  return `${target}/${String(Math.max(0, Math.round(at))).padStart(15, '0')}`;
}

async function* pagesOf<Value>(entries: Entries<Value, Value>, prefix: string, after: string) {
  let last = after;
  for (;;) {
    const page = await entries.list({
      prefix,
      limit: pageSize,
      ...(last !== '' && { after: last }),
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    last = page.at(-1)?.key ?? '';
  }
}

async function forgetIn<Value>(entries: Entries<Value, Value>, isOld: (value: Value) => boolean) {
  let count = 0;
  for await (const page of pagesOf(entries, '', '')) {
    const old = page.filter(({ value }) => isOld(value));
    await Promise.all(old.map(({ key }) => entries.delete(key)));
    count += old.length;
  }
  return count;
}
