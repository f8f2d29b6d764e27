import { queue, supervisor, worker } from '../../src/index.ts';

/** Lines of traces by hand: what became of jobs, and what workers told. */
const plain = queue('q', { timeout: '3s', cancelWithin: '1s' });
export const w = (of = plain, concurrency = 2) =>
  supervisor('app', [worker(of, { name: 'w', concurrency }, () => {})]);
export const app = w();

const second = 1_000;

/** `now` is the virtual time unless a line says otherwise: nobody has set the clock. */
export function kept(did: string, at: number, id: string, rest: object = {}): string {
  const data = { did, queue: 'q', id, now: at, keepMs: null, ...rest };
  return `${at} job-kept app/w ${JSON.stringify(data)}`;
}

export const added = (id: string, rest: object = {}) =>
  kept('added', 0, id, { key: null, maxAttempts: 2, ...rest });
export const claimed = (at: number, id: string, nth = 1, rest: object = {}) =>
  kept('claimed', at, id, { attempt: nth, fence: nth, leaseUntil: at + second, ...rest });
export const settled = (at: number, id: string, outcome: string, nth = 1, rest: object = {}) => {
  const state = outcome === 'retry' || outcome === 'released' ? 'ready' : outcome;
  return kept('settled', at, id, { outcome, state, fence: nth, writes: 0, ...rest });
};
export const lost = (at: number, id: string, rest: object = {}) =>
  kept('lost', at, id, { attempt: 1, state: 'ready', ...rest });
export const found = (at: number, id: string, state: string | null, rest: object = {}) =>
  kept('found', at, id, { state, attempt: 0, reason: null, hasError: false, ...rest });
export const redriven = (at: number, id: string) => kept('redriven', at, id);
export const told = (at: number, id: string, status: string, attempt = 1) =>
  `${at} job app/w#1 ${JSON.stringify({ queue: 'q', id, status, attempt })}`;
export const handler = (at: number, id: string, did = 'begun', attempt = 1) =>
  `${at} job-handler app/w#1 ${JSON.stringify({ did, queue: 'q', id, attempt })}`;
export const killed = (at: number) => `${at} killed app\n${at} phase app {"phase":"booting"}`;
