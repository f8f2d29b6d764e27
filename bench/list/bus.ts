import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { type Bus, createSystem, service, supervisor, topic } from '../../src/index.ts';
import { type Bench, choose, processorMs } from '../bench.ts';

const batch = 500;
const tick = topic<number>('clock.tick');
const cases: Record<string, number> = { '1 subscriber': 1, '10 subscribers': 10 };

/** Subscribes the listener so many times, and returns what emits to all of them. */
type Contender = (bus: Bus, subscribers: number, listener: () => void) => (value: number) => void;

const contenders: Record<string, Contender> = {
  EventEmitter: (_bus, subscribers, listener) => {
    const emitter = new EventEmitter().setMaxListeners(0);
    for (let nth = 0; nth < subscribers; nth++) emitter.on('tick', listener);
    return (value) => emitter.emit('tick', value);
  },
  'rxjs Subject': (_bus, subscribers, listener) => {
    const subject = new Subject<number>();
    for (let nth = 0; nth < subscribers; nth++) subject.subscribe(listener);
    return (value) => subject.next(value);
  },
  daruma: (bus, subscribers, listener) => {
    for (let nth = 0; nth < subscribers; nth++) bus.on(tick, listener);
    return (value) => bus.emit(tick, value);
  },
};

const bench: Bench = {
  name: 'bus',
  compares:
    'events in a second of processor time, beside emitters that call their listeners at once and know no owner, mailbox or end; the bus is measured until the last handler has been called.',
  contenders: Object.keys(contenders),
  base: 'EventEmitter',
  cases: Object.keys(cases),
  figures: ['events/s'],

  async run({ contender, case: name, isQuick }) {
    const subscribers = choose(cases, name);
    const subscribe = choose(contenders, contender);
    const idle = service('idle', (ctx) => ctx.sleep('1d'));
    const logger = pino({ level: 'silent' });
    await using system = await createSystem(supervisor('bench', [idle]), { logger }).start();
    await measure(system.bus, subscribe, subscribers, 10 * batch);
    const events = isQuick ? 10 * batch : 400 * batch;
    return { 'events/s': await measure(system.bus, subscribe, subscribers, events) };
  },
};

export default bench;

/** Emits in batches that fit into a mailbox, and lets each be handled. */
async function measure(
  bus: Bus,
  subscribe: Contender,
  subscribers: number,
  events: number,
): Promise<number> {
  let count = 0;
  const emit = subscribe(bus, subscribers, () => {
    count++;
  });
  const ms = await processorMs(async () => {
    for (let sent = 0; sent < events; sent++) {
      emit(sent);
      if (sent % batch < batch - 1) continue;
      while (count < (sent + 1) * subscribers) await nextTurn();
    }
  });
  bus.off();
  return (events / ms) * 1_000;
}
