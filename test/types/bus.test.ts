import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { type Bus, type BusEvent, type Context, type Topic, topic } from '../../src/index.ts';

const login = topic<{ userId: string }>('user.login');
const started = topic('system.started');
const changed = topic('data.changed', v.object({ id: v.optional(v.string(), '?') }));
const priceOf = topic<{ item: string }, number>('price.of');
const sum = topic('sum', v.array(v.number()), { reply: v.number() });

/** Only compiled. */
function use(bus: Bus) {
  bus.emit(login, { userId: 'ada' });
  bus.emit(started);
  bus.emit(changed, {});
  // @ts-expect-error a payload that is missing
  bus.emit(login);
  // @ts-expect-error a payload of another topic
  bus.emit(login, { id: 'ada' });
  // @ts-expect-error what the schema does not take
  bus.emit(changed, { id: 1 });
  // @ts-expect-error patterns are for those who listen
  bus.emit('user.*', {});

  bus.on(login, (payload, event) => {
    expectTypeOf(payload).toEqualTypeOf<{ userId: string }>();
    expectTypeOf(event).toEqualTypeOf<BusEvent<{ userId: string }>>();
  });
  bus.on(changed, (payload) => expectTypeOf(payload).toEqualTypeOf<{ id: string }>());
  bus.on('user.*', (payload) => expectTypeOf(payload).toEqualTypeOf<unknown>());
  bus.on(login, () => {}, { orderBy: ({ userId }) => userId });
  // @ts-expect-error a policy that is none
  bus.on(login, () => {}, { overflow: 'block' });

  expectTypeOf(bus.request(priceOf, { item: 'x' })).toEqualTypeOf<Promise<number>>();
  expectTypeOf(bus.request(sum, [1])).toEqualTypeOf<Promise<number>>();
  bus.reply(priceOf, ({ item }) => item.length);
  // @ts-expect-error a reply of another type
  bus.reply(priceOf, ({ item }) => item);
  expectTypeOf(bus.stream(login)).toEqualTypeOf<Observable<{ userId: string }>>();
  expectTypeOf(bus.events('**')).toEqualTypeOf<AsyncIterableIterator<BusEvent>>();
}

describe('the types of the bus', () => {
  it('are those of its topics', () => {
    expectTypeOf(use).toBeFunction();
    expectTypeOf<Context['bus']>().toEqualTypeOf<Bus>();
    expectTypeOf(changed).toEqualTypeOf<Topic<{ id?: string | undefined }, { id: string }>>();
  });

  it('of notify are a level or options', () => {
    const tell = ({ notify }: Pick<Context, 'notify'>) => {
      expectTypeOf(notify('title', 'message', 'error')).toBeVoid();
      notify('title', 'message', { level: 'warning', key: 'disk' });
      // @ts-expect-error a level that is none
      notify('title', 'message', 'fatal');
    };
    expectTypeOf(tell).toBeFunction();
  });
});
