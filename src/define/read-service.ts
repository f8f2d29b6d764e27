import { isBattery, type ReadInner } from './battery.ts';
import type { Faults } from './faults.ts';
import type { OptionReader } from './option-reader.ts';
import { bodyOptions, readBody } from './read-body.ts';
import { readHealth } from './read-health.ts';
import { commonOptions, readCommon, type Surroundings } from './read-item.ts';
import { show } from './show.ts';
import type { BodySpec, NeedSpec, Receivers, ServiceSpec } from './spec.ts';

const beyondBody: readonly string[] = [
  'startWithin',
  'firstStart',
  'decide',
  'needs',
  'onLoss',
  'watchdog',
  'receive',
  'mailbox',
  'whileDown',
  'health',
];

export const serviceOptions: readonly string[] = [...commonOptions, ...bodyOptions, ...beyondBody];

/**
 * The spec that the options of a service make of a base: the defaults, or the template that they
 * override.
 *
 * @param last the last argument of `service()`
 */
export function readService(
  reader: OptionReader,
  last: unknown,
  base: ServiceSpec,
  surroundings: Surroundings & {
    readonly needs: readonly NeedSpec[];
    readonly readInner: ReadInner;
  },
): ServiceSpec {
  const own = isBattery(last) ? last.options : bodyOptions;
  const hints = isBattery(last) ? { ...misplaced, ...last.misplaced } : misplaced;
  reader.refuseUnknown([...commonOptions, ...own, ...beyondBody], hints);
  const body = readBody(reader, last, base.body, surroundings.readInner);
  const stopWithinMs = isBattery(last) ? last.stopWithinMs?.(reader) : undefined;
  return Object.freeze({
    kind: 'service',
    name: base.name,
    ...readCommon(reader, base, surroundings),
    startWithinMs: reader.duration('startWithin', base.startWithinMs),
    stopWithinMs: readStopWithin(reader, stopWithinMs ?? base.stopWithinMs),
    firstStart: reader.choice('firstStart', ['fail', 'retry'], base.firstStart),
    decide: reader.func('decide', base.decide),
    needs: surroundings.needs,
    onLoss: reader.choice('onLoss', ['suspend', 'restart', 'keep'], base.onLoss),
    watchdogMs: reader.duration('watchdog', base.watchdogMs, { isPositive: true }),
    receive: readReceive(reader, base.receive),
    mailbox: reader.number('mailbox', base.mailbox, { min: 1, isWhole: true }),
    whileDown: reader.choice('whileDown', ['reject', 'buffer', 'drop'], base.whileDown),
    health: readHealth(reader, base.health),
    body,
    input: body.kind === 'hooks' && reader.has('input') ? reader.raw('input') : inputOf(body, base),
  });
}

function inputOf(body: BodySpec, base: ServiceSpec): unknown {
  return body.kind === 'logic' ? body.input : base.input;
}

function readStopWithin(reader: OptionReader, fallback: number | 'brutal'): number | 'brutal' {
  const words = { brutal: 'brutal', infinity: Number.POSITIVE_INFINITY };
  return reader.duration('stopWithin', fallback, { code: 'DARUMA_INVALID_STOP_WITHIN', words });
}

function readReceive(reader: OptionReader, base: Receivers | undefined): Receivers | undefined {
  const given = reader.raw('receive');
  if (given === undefined) return base;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    reader.refuse(
      'DARUMA_INVALID_OPTION',
      'receive',
      'it must be an object of handlers.',
      'receive: { ping: (payload, ctx) => reply }',
    );
    return base;
  }
  for (const [message, handler] of Object.entries(given)) {
    if (typeof handler !== 'function') refuseHandler(reader.faults, reader.path, message, handler);
  }
  return Object.freeze({ ...given }) as Receivers;
}

function refuseHandler(faults: Faults, path: string, message: string, handler: unknown): void {
  const text = `receive.${message} is ${show(handler)}; it must be a function.`;
  faults.add('DARUMA_INVALID_OPTION', path, text);
}

const ofSupervisor = 'It is an option of a supervisor.';
const ofSystem = 'It is an option of createSystem(app, { ... }).';

const misplaced: Readonly<Record<string, string>> = {
  strategy: ofSupervisor,
  intensity: ofSupervisor,
  period: ofSupervisor,
  whenExhausted: ofSupervisor,
  autoShutdown: ofSupervisor,
  template: ofSupervisor,
  maxChildren: ofSupervisor,
  children: ofSupervisor,
  grace: ofSystem,
  bootWithin: ofSystem,
  dependsOn: "Did you mean 'needs'?",
  timeout: 'startWithin limits its start, stopWithin its end.',
  maxAttempts: 'How often it is restarted is a matter of its supervisor: intensity and period.',
  maxRetries: 'How often it is restarted is a matter of its supervisor: intensity and period.',
  perJob: 'It is an option of worker(): what a service has lives as long as the service.',
  name: 'The name is the first argument.',
};
