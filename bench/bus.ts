/**
 * What an event costs on the bus, beside the emitters that people know: `node bench/bus.ts`.
 * The others call their listeners at once and know no owner, mailbox or end; the bus calls its
 * handlers from a mailbox, so that it is measured until the last one has been called.
 */
import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { type Bus, createSystem, service, supervisor, topic } from '../src/index.ts';

const events = 200_000;
const batch = 500;
const rounds = 5;
const tick = topic<number>('clock.tick');

let count = 0;
const listener = () => {
  count++;
};

/** Emits in batches that fit into a mailbox, and lets each be handled. */
async function measure(subscribers: number, emit: (value: number) => void): Promise<number> {
  count = 0;
  const from = performance.now();
  for (let sent = 0; sent < events; sent++) {
    emit(sent);
    if (sent % batch < batch - 1) continue;
    while (count < (sent + 1) * subscribers) await new Promise((resolve) => setImmediate(resolve));
  }
  const ms = performance.now() - from;
  return (events / ms) * 1_000;
}

const contenders: Record<string, (bus: Bus, subscribers: number) => (value: number) => void> = {
  EventEmitter: (_bus, subscribers) => {
    const emitter = new EventEmitter().setMaxListeners(0);
    for (let nth = 0; nth < subscribers; nth++) emitter.on('tick', listener);
    return (value) => emitter.emit('tick', value);
  },
  'rxjs Subject': (_bus, subscribers) => {
    const subject = new Subject<number>();
    for (let nth = 0; nth < subscribers; nth++) subject.subscribe(listener);
    return (value) => subject.next(value);
  },
  'daruma bus': (bus, subscribers) => {
    for (let nth = 0; nth < subscribers; nth++) bus.on(tick, listener);
    return (value) => bus.emit(tick, value);
  },
};

const system = createSystem(supervisor('bench', [service('idle', (ctx) => ctx.sleep('1d'))]), {
  logger: pino({ level: 'silent' }),
  env: {},
});
await system.start();
console.log(`Node ${process.version}; events a second, medians of ${rounds} rounds of ${events}.`);
for (const subscribers of [1, 10]) {
  for (const [name, prepare] of Object.entries(contenders)) {
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const emit = prepare(system.bus, subscribers);
      rates.push(await measure(subscribers, emit));
      system.bus.off();
    }
    const median = rates.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    const rate = Math.round(median).toLocaleString('en');
    console.log(
      `${String(subscribers).padStart(3)} subscribers  ${name.padEnd(14)} ${rate.padStart(12)}`,
    );
  }
}
await system.stop();
