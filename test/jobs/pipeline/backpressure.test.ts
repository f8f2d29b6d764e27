import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fromEvery, pipeline } from '../../../src/index.ts';
import { Faucet, Gate, started } from './mill.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('what is in flight', () => {
  it('is never more than maxInFlight, whose default is 1024', async () => {
    const gate = new Gate();
    const faucet = new Faucet<number>();
    faucet.put(...numbers(3_000));
    const lab = await started(
      pipeline('p')
        .producer('tap', faucet)
        .always('slow', gate.pass)
        .consumer('all', () => {}),
    );

    expect(gate.waiting).toHaveLength(1_024);
    expect(faucet.asked).toBe(1_024);
    expect(lab.system.find('app/p/router')?.value()).toMatchObject({
      inFlight: 1_024,
      maxInFlight: 1_024,
    });
    gate.open();
    await lab.clock.settle();
    expect(faucet.asked).toBe(1_025);
    expect(gate.waiting).toHaveLength(1_024);
  });

  it('is shared by all producers, who get room in the order in which they asked for it', async () => {
    const gate = new Gate();
    const left = new Faucet<string>();
    const right = new Faucet<string>();
    left.put('l1', 'l2', 'l3');
    right.put('r1', 'r2', 'r3');
    const seen: string[] = [];
    const lab = await started(
      pipeline('p', { maxInFlight: 2 })
        .producer('left', left)
        .producer('right', right)
        .always('slow', (word) => {
          seen.push(word);
          return gate.pass();
        }),
    );
    for (let round = 0; round < 6; round++) {
      expect(gate.waiting.length).toBeLessThanOrEqual(2);
      gate.open();
      await lab.clock.settle();
    }

    expect(seen.toSorted()).toEqual(['l1', 'l2', 'l3', 'r1', 'r2', 'r3']);
    expect(new Set(seen.slice(0, 4))).toEqual(new Set(['l1', 'l2', 'r1', 'r2']));
  });

  it('is limited for a handler by its concurrency', async () => {
    const gate = new Gate();
    const lab = await started(
      pipeline('p').producer('list', numbers(5)).always('slow', { concurrency: 2 }, gate.pass),
    );

    expect(gate.waiting).toHaveLength(2);
    gate.open();
    await lab.clock.settle();
    expect(gate.waiting).toHaveLength(2);
  });

  it('counts an item until its consumers are done with it', async () => {
    const gate = new Gate();
    const faucet = new Faucet<number>();
    faucet.put(...numbers(9));
    await started(
      pipeline('p', { maxInFlight: 3 })
        .producer('tap', faucet)
        .always('pass', (n) => n)
        .consumer('slow', gate.pass),
    );

    expect(faucet.asked).toBe(3);
  });
});

describe('the buffer of a consumer', () => {
  function withSlow(options: object, count = 6) {
    const gate = new Gate();
    const fast: number[] = [];
    const slow: number[] = [];
    const handled: number[] = [];
    const faucet = new Faucet<number>();
    faucet.put(...numbers(count));
    const definition = pipeline('p')
      .producer('tap', faucet)
      .always('pass', { concurrency: 1 }, (n) => {
        handled.push(n);
        return n;
      })
      .consumer('fast', (n) => void fast.push(n))
      .consumer('slow', { buffer: 2, ...options }, async (n) => {
        await gate.pass();
        slow.push(n);
      });
    return { definition, gate, fast, slow, handled };
  }

  it('makes handlers wait when it is full', async () => {
    const { definition, gate, fast, slow, handled } = withSlow({});
    const lab = await started(definition);

    // One is being consumed, two wait, and one waits to be accepted.
    expect(handled).toEqual([1, 2, 3, 4]);
    gate.open();
    await lab.clock.settle();
    expect(handled).toEqual([1, 2, 3, 4, 5]);
    for (let round = 0; round < 5; round++) {
      gate.open();
      await lab.clock.settle();
    }
    expect(slow).toEqual(numbers(6));
    expect(fast).toEqual(numbers(6));
  });

  it('drops the oldest, and says so', async () => {
    const { definition, gate, fast, slow } = withSlow({ overflow: 'drop-oldest' });
    const lab = await started(definition);
    for (let round = 0; round < 3; round++) {
      gate.open();
      await lab.clock.settle();
    }
    await lab.clock.advance(10_000);

    expect(fast).toEqual(numbers(6));
    expect(slow).toEqual([1, 5, 6]);
    const told = lab.all('item').filter(({ status }) => status === 'dropped');
    expect(told.every(({ path }) => path === 'app/p/consumers/slow')).toBe(true);
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('drops the newest', async () => {
    const { definition, gate, fast, slow } = withSlow({ overflow: 'drop-newest' });
    const lab = await started(definition);
    for (let round = 0; round < 3; round++) {
      gate.open();
      await lab.clock.settle();
    }

    expect(fast).toEqual(numbers(6));
    expect(slow).toEqual([1, 2, 3]);
  });

  it('fails the consumer, which is restarted with what waits for it', async () => {
    const { definition, gate, fast, slow } = withSlow({ overflow: 'fail' }, 4);
    const lab = await started(definition);
    // The one that is being consumed does not look at its signal.
    gate.open();
    await lab.clock.advance(1_000);

    expect(lab.all('backoff')).toMatchObject([
      { path: 'app/p/consumers/slow', error: { code: 'DARUMA_BUFFER_FULL' } },
    ]);
    for (let round = 0; round < 3; round++) {
      gate.open();
      await lab.clock.settle();
    }
    expect(slow).toEqual([1, 2, 3]);
    expect(fast).toEqual([1, 2, 3, 4]);
  });

  it('keeps what comes while the consumer is down', async () => {
    const faucet = new Faucet<number>();
    const seen: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('tap', faucet)
        .always('pass', (n) => n)
        .consumer('store', (n) => void seen.push(n)),
    );
    await lab.until(lab.system.ref('app/p/consumers/store').stop());
    faucet.put(1, 2, 3);
    await lab.clock.settle();
    expect(seen).toEqual([]);

    await lab.until(lab.system.ref('app/p/consumers/store').start());
    await lab.clock.settle();
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('an observable', () => {
  it('is buffered while there is no room, in order', async () => {
    const subject = new Subject<number>();
    const gate = new Gate();
    const seen: number[] = [];
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer('events', subject)
        .always('slow', (n) => {
          seen.push(n);
          return gate.pass();
        }),
    );
    for (const n of numbers(4)) subject.next(n);
    subject.complete();
    for (let round = 0; round < 4; round++) {
      await lab.clock.settle();
      gate.open();
    }
    await lab.clock.settle();

    expect(seen).toEqual(numbers(4));
    expect(lab.log().at(-1)).toBe('ended app/p');
  });

  it.each([
    ['drop-oldest', [1, 4, 5]],
    ['drop-newest', [1, 2, 3]],
  ] as const)('loses some beyond its buffer, as overflow %s says', async (overflow, expected) => {
    const subject = new Subject<number>();
    const gate = new Gate();
    const seen: number[] = [];
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer('events', { buffer: 2, overflow }, subject)
        .always('slow', (n) => {
          seen.push(n);
          return gate.pass();
        }),
    );
    for (const n of numbers(5)) subject.next(n);
    for (let round = 0; round < 4; round++) {
      await lab.clock.settle();
      gate.open();
    }
    await lab.clock.advance(10_000);

    expect(seen).toEqual(expected);
    const told = lab.all('item');
    expect(told[0]).toMatchObject({ path: 'app/p/producers/events', status: 'dropped' });
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('fails its producer beyond its buffer, where overflow says so', async () => {
    const subject = new Subject<number>();
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer('events', { buffer: 1, overflow: 'fail' }, subject)
        .always('slow', () => new Promise<void>(() => {})),
    );
    for (const n of numbers(3)) subject.next(n);
    await lab.clock.settle();

    expect(lab.all('backoff')).toMatchObject([
      { path: 'app/p/producers/events', error: { code: 'DARUMA_BUFFER_FULL' } },
    ]);
  });

  it('fails its producer when it fails, and is listened to anew', async () => {
    const subjects: Subject<number>[] = [];
    const seen: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer('events', () => {
          const subject = new Subject<number>();
          subjects.push(subject);
          return subject;
        })
        .always('all', (n) => void seen.push(n)),
    );
    subjects[0]?.next(1);
    subjects[0]?.error(new Error('line is cut'));
    await lab.clock.advance(1_000);
    subjects[1]?.next(2);
    await lab.clock.settle();

    expect(seen).toEqual([1, 2]);
    expect(subjects[0]?.observed).toBe(false);
    expect(subjects[1]?.observed).toBe(true);
  });
});

describe('a schedule', () => {
  it('puts one item in for each of its runs', async () => {
    const seen: Date[] = [];
    const lab = await started(
      pipeline('p')
        .producer(
          'ticks',
          fromEvery('1m', (ctx) => ctx.due),
        )
        .always('all', (due) => void seen.push(due)),
    );
    await lab.clock.advance(180_000);

    expect(seen).toHaveLength(3);
    expect(lab.all('schedule-run').filter(({ status }) => status === 'completed')).toHaveLength(3);
  });

  it('skips ticks while the pipeline is full, and says so', async () => {
    const gate = new Gate();
    const lab = await started(
      pipeline('p', { maxInFlight: 1 })
        .producer(
          'ticks',
          fromEvery('1m', (ctx) => ctx.run),
        )
        .always('slow', gate.pass),
    );
    await lab.clock.advance(300_000);

    expect(gate.waiting).toHaveLength(1);
    expect(lab.all('schedule-skipped')).not.toEqual([]);
  });

  it('puts nothing in where there is nothing to put in', async () => {
    const seen: number[] = [];
    const lab = await started(
      pipeline('p')
        .producer(
          'ticks',
          fromEvery('1m', { immediately: true }, ({ run }) => (run % 2 === 0 ? run : undefined)),
        )
        .always('all', (run) => void seen.push(run)),
    );
    await lab.clock.advance(180_000);

    expect(seen).toEqual([2, 4]);
  });
});
