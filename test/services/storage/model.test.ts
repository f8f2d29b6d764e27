import fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import type { Entries } from '../../../src/index.ts';
import { freshFile, freshTables, Keeper } from './keeper.ts';

const { DARUMA_RUNS = '100', DARUMA_SEED = '42' } = process.env;
const runs = Number(DARUMA_RUNS);
const seed = Number(DARUMA_SEED);
const patienceMs = 30_000 + 500 * runs;

/** One store of one service, as a Map: key -> value and when it expires. */
type Model = Map<string, { readonly value: unknown; readonly expiresAt: number }>;

type Call =
  | { readonly do: 'set'; readonly key: string; readonly value: unknown; readonly ttl?: number }
  | { readonly do: 'get' | 'has' | 'delete'; readonly key: string }
  | { readonly do: 'list'; readonly prefix: string; readonly after: string; readonly limit: number }
  | { readonly do: 'size' | 'clear' };

type Command =
  | { readonly in: number; readonly call: Call }
  | { readonly advance: number }
  | {
      readonly service: 0 | 1;
      readonly calls: readonly { readonly store: 0 | 1; readonly call: Call }[];
      readonly throws: boolean;
    };

const key = fc.oneof(
  fc.constantFrom('a', 'a/b', 'a/c', 'b', 'é', '\u{1f642}', '\uffee'),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 3 })
    .filter((text) => !/\p{Cc}/u.test(text)),
);
const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)));
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value }) },
  fc.record({ do: fc.constant('set' as const), key, value, ttl: fc.integer({ min: 1, max: 50 }) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('get', 'has', 'delete'), key }) },
  fc.record({
    do: fc.constant('list' as const),
    prefix: fc.oneof(fc.constantFrom('', 'a', 'a/'), key),
    after: fc.oneof(fc.constant(''), key),
    limit: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ do: fc.constantFrom('size', 'clear') }),
);
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ in: fc.integer({ min: 0, max: 3 }), call }) },
    fc.record({ advance: fc.integer({ min: 1, max: 40 }) }),
    {
      weight: 2,
      arbitrary: fc.record({
        service: fc.constantFrom(0, 1),
        calls: fc.array(fc.record({ store: fc.constantFrom(0, 1), call }), { maxLength: 6 }),
        throws: fc.boolean(),
      }),
    },
  ),
  { maxLength: 40 },
);

function expected(model: Model, given: Call, now: number): unknown {
  for (const [name, { expiresAt }] of model) if (expiresAt <= now) model.delete(name);
  switch (given.do) {
    case 'set':
      model.set(given.key, { value: given.value, expiresAt: now + (given.ttl ?? Infinity) });
      return undefined;
    case 'get':
      return model.get(given.key)?.value;
    case 'has':
      return model.has(given.key);
    case 'delete':
      return model.delete(given.key);
    case 'size':
      return model.size;
    case 'clear': {
      const { size } = model;
      model.clear();
      return size;
    }
    case 'list':
      return [...model]
        .filter(([name]) => name.startsWith(given.prefix))
        .filter(([name]) => given.after === '' || byBytes(name, given.after) > 0)
        .toSorted(([left], [right]) => byBytes(left, right))
        .slice(0, given.limit)
        .map(([name, entry]) => ({ key: name, value: entry.value }));
  }
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function ask(entries: Entries, given: Call): Promise<unknown> {
  switch (given.do) {
    case 'set':
      return entries.set(given.key, given.value, given.ttl === undefined ? {} : { ttl: given.ttl });
    case 'list':
      return entries.list(given);
    case 'size':
    case 'clear':
      return entries[given.do]();
    default:
      return entries[given.do](given.key);
  }
}

const anything = v.unknown();

/** Runs commands on two stores of two services, and on Maps beside them. */
async function compare(keeper: Keeper, given: readonly Command[]): Promise<void> {
  const storages = [keeper.storage, keeper.other] as const;
  const views = storages.flatMap((storage) => [storage, storage.store('named', anything)]);
  let models: Model[] = views.map(() => new Map());
  const { clock } = keeper.lab;
  for (const command of given) {
    if ('advance' in command) await clock.advance(command.advance);
    else if ('in' in command) {
      const got = await ask(views[command.in] as Entries, command.call);
      expect(got).toStrictEqual(expected(models[command.in] as Model, command.call, clock.now()));
    } else {
      const { service, calls, throws } = command;
      const tried = models.map((model) => new Map(model));
      const done = storages[service].transaction(async (tx) => {
        const both = [tx, tx.store('named', anything)];
        for (const { store, call: inside } of calls) {
          const got = await ask(both[store] as Entries, inside);
          const model = tried[service * 2 + store] as Model;
          expect(got).toStrictEqual(expected(model, inside, clock.now()));
        }
        if (throws) throw new RangeError('on purpose');
      });
      if (throws) await expect(done).rejects.toThrow(RangeError);
      else {
        await done;
        models = tried;
      }
    }
  }
}

it(
  'does what Maps do, in memory',
  async () => {
    const property = fc.asyncProperty(commands, async (given) => {
      const keeper = await Keeper.on('memory');
      await compare(keeper, given);
      await keeper.stop();
    });

    await fc.assert(property, { numRuns: runs, seed });
  },
  patienceMs,
);

it(
  'does what Maps do, in a file',
  async () => {
    const property = fc.asyncProperty(commands, async (given) => {
      const keeper = await Keeper.on({ file: freshFile() });
      await compare(keeper, given);
      await keeper.stop();
    });

    await fc.assert(property, { numRuns: Math.ceil(runs / 5), seed });
  },
  patienceMs,
);

it(
  'does what Maps do, in PostgreSQL',
  async () => {
    const property = fc.asyncProperty(commands, async (given) => {
      const keeper = await Keeper.on(await freshTables());
      await compare(keeper, given);
      await keeper.stop();
    });

    await fc.assert(property, { numRuns: Math.ceil(runs / 5), seed });
  },
  patienceMs,
);
