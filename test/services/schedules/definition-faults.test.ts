import { describe, expect, it } from 'vitest';
import {
  at,
  createSystem,
  cron,
  type DefinitionError,
  every,
  supervisor,
} from '../../../src/index.ts';

const work = () => {};

/** `code message | hint` of everything that is wrong with a definition. */
function faultsOf(definition: ReturnType<typeof every>): string[] {
  try {
    createSystem(supervisor('app', [definition]), { env: {} });
    return [];
  } catch (error) {
    return (error as DefinitionError).faults.map(
      ({ code, path, message, hint }) => `${code} ${path}: ${message} | ${hint}`,
    );
  }
}

describe('a schedule that could never run', () => {
  it.each([
    ['period 0', every('a', 0, work)],
    ['period NaN', every('a', Number.NaN, work)],
    ['negative period', every('a', -5, work)],
    ['period text', every('a', '5 minutes' as never, work)],
    ['too few fields', cron('a', '* * *', work)],
    ['minute 61', cron('a', '61 * * * *', work)],
    ['no text', cron('a', 5 as never, work)],
    ['never fires', cron('a', '0 0 30 2 *', work)],
    ['a date for cron', cron('a', '2026-12-01T00:00:00Z', work)],
    ['no such zone', cron('a', '@daily', { timezone: 'Mars/Olympus' }, work)],
    ['zone no text', cron('a', '@daily', { timezone: 3 as never }, work)],
    ['local date', at('a', '2026-12-01T00:00:00', work)],
    ['no date', at('a', 'tomorrow', work)],
    ['invalid Date', at('a', new Date('x'), work)],
    ['no work', every('a', '1m', undefined as never)],
    ['jitter', every('a', '1m', { jitter: '1m' }, work)],
    ['maxQueued', every('a', '1m', { maxQueued: 2 }, work)],
    ['concurrency', every('a', '1m', { overlap: 'queue', concurrency: 2 }, work)],
    ['maxMissed', cron('a', '@daily', { maxMissed: 2 }, work)],
    ['maxMissed too many', cron('a', '@daily', { missed: 'all', maxMissed: 5_000 }, work)],
    ['retry', every('a', '1m', { retry: { maxAttempts: 0, maxRetries: 3 } as never }, work)],
    ['retry no object', every('a', '1m', { retry: 3 as never }, work)],
    ['resetAfter', every('a', '1m', { retry: { backoff: { resetAfter: 1 } as never } }, work)],
    ['unknown options', every('a', '1m', { timezone: 'UTC', overlapp: 'skip' } as never, work)],
    ['words', every('a', '1m', { overlap: 'wait', missed: 'twice', pace: 1 } as never, work)],
    ['failAfter', at('a', 0, { failAfter: 0, missed: 'all' as never, ifPast: 1 as never }, work)],
  ])('is refused: %s', (_name, definition) => {
    expect(faultsOf(definition as never)).toMatchSnapshot();
  });

  it('keeps every option of a service beside its own', () => {
    const definition = every(
      'a',
      '1m',
      { restart: 'transient', stopWithin: '1s', startWithin: '1s', watchdog: '5m', failAfter: 2 },
      work,
    );
    expect(faultsOf(definition as never)).toEqual([]);
  });

  it('is told of as often as it is wrong, with all other faults of the tree', () => {
    const definition = cron('a', 'x', { timezone: 'X', stopWithin: 'soon' as never }, work);
    expect(faultsOf(definition as never)).toHaveLength(3);
  });
});
