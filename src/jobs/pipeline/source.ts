import type { Subscribable } from 'rxjs';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import { show } from '../../define/show.ts';
import type { HooksSpec } from '../../define/spec.ts';
import { backstage } from '../../kernel/backstage.ts';
import { notASourceError } from './errors.ts';
import type { Buffer } from './flow.ts';
import { type Intake, intakeOf } from './intake.ts';
import type { Source } from './pipeline-types.ts';
import { producing } from './producing.ts';
import { readCount } from './read-station.ts';
import { Tap } from './tap.ts';

/** The options of a producer with a source. */
export const sourceOptions = ['buffer', 'overflow'] as const;
const overflows = ['drop-oldest', 'drop-newest', 'fail'] as const;

/** @param given the source, or a function of the context that gives it */
export function sourceBattery(given: unknown): Battery {
  return {
    battery: 'producer',
    options: sourceOptions,
    read(reader) {
      if (typeof given !== 'function' && !isSource(given)) refuseSource(reader, given);
      const buffer: Buffer = {
        limit: readCount(reader, 'buffer', 1_000),
        overflow: reader.choice('overflow', overflows, 'drop-oldest'),
      };
      return producing(hooksOf(given, buffer));
    },
  };
}

function hooksOf(given: unknown, buffer: Buffer): HooksSpec {
  return {
    kind: 'hooks',
    start: undefined,
    run: async (ctx: Context) => {
      const { path } = backstage(ctx);
      const source: unknown = await (typeof given === 'function' ? given(ctx) : given);
      if (!isSource(source)) throw notASourceError(path, show(source));
      if (isSubscribable(source)) return await new Tap(intakeOf(ctx), buffer).run(source);
      await pull(intakeOf(ctx), iteratorOf(source));
    },
    stop: undefined,
    drain: undefined,
    ready: 'immediate',
    battery: { kind: 'producer', policy: { ...buffer } },
  };
}

/** Asks for the next item when there is room for it. */
async function pull(intake: Intake, iterator: AnyIterator): Promise<void> {
  const { backstage: stage } = intake;
  const leave = () => {
    try {
      Promise.resolve(iterator.return?.()).catch(() => {});
    } catch {
      // It was to end anyway.
    }
  };
  const forget = stage.onCancel(leave);
  while (await intake.room()) {
    const next = await iterator.next();
    if (next.done) break;
    if (await intake.take()) intake.put(next.value);
  }
  forget();
}

interface AnyIterator {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
  return?(): unknown;
}

function iteratorOf(source: AsyncIterable<unknown> | Iterable<unknown>): AnyIterator {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}

function isSource(value: unknown): value is Source<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return isSubscribable(value) || Symbol.asyncIterator in value || Symbol.iterator in value;
}

function isSubscribable(value: object): value is Subscribable<unknown> {
  return typeof (value as { subscribe?: unknown }).subscribe === 'function';
}

function refuseSource({ path, faults }: OptionReader, given: unknown): void {
  const message = `its source is ${show(given)}; it must be an observable, an iterable or a function.`;
  const hint = 'async function* (ctx) { yield item; }, or (ctx) => observable$.';
  faults.add('DARUMA_NOT_A_SOURCE', path, message, { hint });
}
