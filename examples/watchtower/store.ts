import { type Entries, service } from 'daruma';
import { alertOf, alerts } from './queues.ts';
import { settingsOf } from './settings.ts';
import { Check, Incident } from './topics.ts';

const slowMs = 1_000;
const pageSize = 1_000;

/**
 * What is remembered, in `ctx.storage`, for as long as `keep`: it survives crashes, restarts and
 * `kill -9`.
 */
export const store = service('store', {
  start: (ctx) => {
    const { storage } = ctx;
    const { keep } = settingsOf(ctx);
    /** What is left of the time for which something is kept that happened then. */
    const ttlOf = (at: number) => at + keep - ctx.now();
    const checks = storage.store('checks', Check);
    const open = storage.store('open incidents', Incident);
    const closed = storage.store('closed incidents', Incident);

    return {
      addChecks: (list: readonly Check[]) =>
        storage.transaction(async (tx) => {
          const entries = tx.store('checks', Check);
          for (const check of list) {
            const ttl = ttlOf(check.at);
            if (ttl > 0) await entries.set(key(check.target, check.at), check, { ttl });
          }
        }),

      /** The oldest first, from a moment on. */
      async checksOf(target: string, since: number): Promise<Check[]> {
        const found: Check[] = [];
        for await (const page of pagesOf(checks, `${target}/`, key(target, since - 1))) {
          found.push(...page.map(({ value }) => value));
        }
        return found;
      },

      /** People are told of it if and only if it is stored. */
      openIncident: (incident: Incident) =>
        storage.transaction(async (tx) => {
          await tx.store('open incidents', Incident).set(incident.target, incident);
          await tx.enqueue(alerts, incident, alertOf(incident));
        }),

      closeIncident: (incident: Incident) =>
        storage.transaction(async (tx) => {
          await tx.store('open incidents', Incident).delete(incident.target);
          const own = key(incident.target, incident.openedAt);
          await tx.store('closed incidents', Incident).set(own, incident, { ttl: keep });
          await tx.enqueue(alerts, incident, alertOf(incident));
        }),

      openIncidents: async () => (await open.list()).map(({ value }) => value),

      async closedIncidents(since: number): Promise<Incident[]> {
        const all: Incident[] = [];
        for await (const page of pagesOf(closed, '', '')) all.push(...page.map((e) => e.value));
        return all.filter(({ closedAt = 0 }) => closedAt >= since);
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
