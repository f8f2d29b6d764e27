import { isBattery, type ReadInner } from './battery.ts';
import { isLogic } from './logic.ts';
import type { OptionReader } from './option-reader.ts';
import { isThenable, show } from './show.ts';
import type { BodySpec, HooksSpec, LogicSpec } from './spec.ts';

const hooks = ['start', 'run', 'stop', 'drain'] as const;
const code = 'DARUMA_INVALID_BODY';

/** The options that say what a service does. */
export const bodyOptions = [...hooks, 'ready', 'input'] as const;

/**
 * @param last the last argument of `service()`
 * @param base the body of the template that these options override
 */
export function readBody(
  reader: OptionReader,
  last: unknown,
  base: BodySpec,
  readInner: ReadInner,
): BodySpec {
  if (isBattery(last)) return Object.freeze(last.read(reader, readInner));
  const { path, faults } = reader;
  if (last !== undefined && reader.has('run')) {
    faults.add(code, path, 'it has two bodies: options.run and the last argument.', {
      hint: 'They are the same thing: keep one.',
    });
  }
  const body = last ?? reader.raw('run');
  if (isLogic(body))
    return readLogic(reader, { kind: 'logic', logic: body, input: {}, ready: undefined });
  if (body === undefined && base.kind === 'logic') return readLogic(reader, base);
  if (body !== undefined && typeof body !== 'function') refuseBody(reader, body);
  return readHooks(reader, body, base);
}

function readHooks(reader: OptionReader, body: unknown, base: BodySpec): BodySpec {
  const old = base.kind === 'hooks' ? base : undefined;
  const given = typeof body === 'function' ? (body as HooksSpec['run']) : undefined;
  const spec: HooksSpec = {
    kind: 'hooks',
    start: reader.func('start', old?.start, code),
    run: given ?? old?.run,
    stop: reader.func('stop', old?.stop, code),
    drain: reader.func('drain', old?.drain, code),
    ready: readReadyOfHooks(reader, old?.ready ?? 'immediate'),
  };
  const isEmpty = !reader.has('start') && !spec.start && body === undefined && !spec.run;
  if (isEmpty && !reader.has('receive')) refuseEmpty(reader);
  if (spec.start && spec.ready === 'manual') {
    reader.refuse(
      'DARUMA_INVALID_OPTION',
      'ready',
      'with a start hook it is ready when that resolves.',
      'Remove ready, or call ctx.ready(value) in a body and remove start.',
    );
  }
  return Object.freeze(spec);
}

function readReadyOfHooks(reader: OptionReader, fallback: HooksSpec['ready']): HooksSpec['ready'] {
  if (typeof reader.raw('ready') !== 'function') {
    return reader.choice('ready', ['immediate', 'manual'], fallback);
  }
  reader.refuse(
    'DARUMA_INVALID_OPTION',
    'ready',
    'a predicate is for a body of XState logic.',
    "Use ready: 'manual', and call ctx.ready(value) in the body.",
  );
  return fallback;
}

function readLogic(reader: OptionReader, base: LogicSpec): BodySpec {
  for (const hook of ['start', 'stop', 'drain']) {
    if (!reader.has(hook)) continue;
    reader.refuse(
      code,
      hook,
      'a body of XState logic has no hooks.',
      "A stop sends { type: 'daruma.stop' } to the machine: let it end in a final state.",
    );
  }
  return Object.freeze({
    kind: 'logic',
    logic: base.logic,
    input: readInput(reader, base.input),
    ready: readReadyOfLogic(reader, base.ready),
  });
}

function readInput(reader: OptionReader, base: LogicSpec['input']): LogicSpec['input'] {
  const given = reader.raw('input');
  if (given === undefined) return base;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return Object.freeze({ ...base, ...given });
  }
  reader.refuse('DARUMA_INVALID_OPTION', 'input', 'for XState logic it must be an object.');
  return base;
}

function readReadyOfLogic(reader: OptionReader, base: LogicSpec['ready']): LogicSpec['ready'] {
  const given = reader.raw('ready');
  if (given === undefined) return base;
  if (given === 'immediate') return undefined;
  if (typeof given === 'function') return given as LogicSpec['ready'];
  reader.refuse(
    'DARUMA_INVALID_OPTION',
    'ready',
    'for XState logic it must be a predicate on its snapshot.',
    "ready: (snapshot) => snapshot.matches('open')",
  );
  return base;
}

function refuseBody({ path, faults }: OptionReader, body: unknown): void {
  faults.add(code, path, `its body is ${show(body)}; it must be a function or XState logic.`, {
    hint: isThenable(body) ? 'Was the function called? Give the function itself.' : undefined,
  });
}

function refuseEmpty({ path, faults }: OptionReader): void {
  faults.add(code, path, 'it does nothing: it has no body, no start hook and no receive.', {
    hint: "service('name', async (ctx) => { ... }), or { start: async (ctx) => resource }.",
  });
}
