import { describe, expect, it } from 'vitest';
import { service, supervisor, tasks } from '../../src/index.ts';
import {
  checkTree,
  emptyPlan,
  type Fault,
  runPlan,
  simulate,
  type WorkloadScript,
} from '../../src/testing/index.ts';
import {
  taskBackoff,
  taskLegal,
  taskNeverLost,
  tasksWithinConcurrency,
} from '../../src/testing/invariants/tasks.ts';
import { messagesOf } from './trace-of.ts';

const app = supervisor('app', [tasks('w', { concurrency: 2 })]);
const up = '0 starting app/w#1\nready app/w#1';

/** `1 a running 1`: at 1 ms task a is running its first attempt. */
function told(...lines: string[]): string {
  const events = lines.map((line) => {
    const [at, id, status, attempt = '0'] = line.split(' ');
    const fields = { id, status, attempt: Number(attempt), ageMs: 0, delayMs: 100 };
    return `${at} task app/w#1 ${JSON.stringify(fields)}`;
  });
  return [up, ...events].join('\n');
}

const whole = ['1 a pending', '1 a running 1', '2 a backoff 1', '102 a pending 1'];

describe('taskLegal', () => {
  it('allows the ways of the chart, and another task under an id that is free', () => {
    const again = ['103 a running 2', '103 a stopping 2', '104 a cancelled 2', '105 a pending'];

    expect(messagesOf(taskLegal, app, told(...whole, ...again))).toEqual([]);
  });

  it.each([
    [['1 a running 1'], "Task 'a' of app/w is running before it was accepted."],
    [
      ['1 a pending', '1 a running 1', '2 a completed 1', '3 a failed 1'],
      "Task 'a' of app/w goes from completed (attempt 1) to failed (attempt 1).",
    ],
    [
      ['1 a pending', '1 a completed'],
      "Task 'a' of app/w goes from pending (attempt 0) to completed (attempt 0).",
    ],
    [
      ['1 a pending', '1 a running 2'],
      "Task 'a' of app/w goes from pending (attempt 0) to running (attempt 2).",
    ],
    [
      ['1 a pending', '2 a pending'],
      "Task 'a' of app/w goes from pending (attempt 0) to pending (attempt 0).",
    ],
  ])('objects to %j', (lines, message) => {
    expect(messagesOf(taskLegal, app, told(...lines))).toEqual([message]);
  });
});

describe('taskNeverLost', () => {
  const end = 'ended app/w#1';

  it('allows a worker that ends after its tasks', () => {
    const text = `${told('1 a pending', '1 a running 1', '2 a abandoned 1')}\n${end}`;

    expect(messagesOf(taskNeverLost, app, text)).toEqual([]);
  });

  it.each(['ended', 'unstopped'])('objects to a worker that is %s before', (type) => {
    const text = `${told('1 a pending', '1 a running 1')}\n9 ${type} app/w#1`;

    expect(messagesOf(taskNeverLost, app, text)).toEqual([
      "app/w is over at 9 ms, and its task 'a' is still running.",
    ]);
  });
});

describe('tasksWithinConcurrency', () => {
  const two = ['1 a pending', '1 a running 1', '1 b pending', '1 b running 1', '1 c pending'];

  it('allows as many as may, those that are stopping included', () => {
    const text = told(...two, '2 a stopping 1', '3 a cancelled 1', '3 c running 1');

    expect(messagesOf(tasksWithinConcurrency, app, text)).toEqual([]);
  });

  it('objects to one too many', () => {
    expect(
      messagesOf(tasksWithinConcurrency, app, told(...two, '2 a stopping 1', '3 c running 1')),
    ).toEqual(['3 tasks of app/w run at 3 ms; its concurrency is 2.']);
  });
});

describe('taskBackoff', () => {
  it('allows one that has waited, and one that was cancelled meanwhile', () => {
    const other = ['1 b pending', '1 b running 1', '2 b backoff 1', '3 b cancelled 1'];

    expect(messagesOf(taskBackoff, app, told(...whole, ...other))).toEqual([]);
  });

  it('objects to one that is too early', () => {
    const early = whole.toSpliced(-1, 1, '101 a pending 1');

    expect(messagesOf(taskBackoff, app, told(...early))).toEqual([
      "Task 'a' of app/w is in line again after 99 ms; its delay is 100 ms.",
    ]);
  });
});

const worker = tasks('worker', { concurrency: 3, maxPending: 20, stopWithin: '2s' });

function makeTree() {
  const database = service('database', async (ctx) => {
    await ctx.sleep('1d');
  });
  const client = service('client', { needs: { worker } }, async (ctx) => {
    for (let nth = 0; ; nth++) {
      await ctx.sleep('3s');
      await ctx.needs.worker.submitWhenFree(`client-${nth}`, (task) => task.sleep('1s'));
    }
  });
  return supervisor('app', [database, worker, client]);
}

/** What comes from outside: all kinds of tasks, and cancels. */
const workload: WorkloadScript = (outside) => {
  outside.every('700ms', (round) => {
    const now = outside.system.value(worker);
    now?.submit(`job-${round}`, (ctx) => ctx.sleep(100 + (round % 7) * 400), {
      priority: round % 3,
      cancelWithin: '1s',
      timeout: '2s',
      retry: { maxAttempts: 2, backoff: { first: 50 } },
    });
    if (round % 4 === 0) void now?.cancel(`job-${round - 1}`);
  });
};

describe('a tree with a worker', () => {
  it('keeps all that trees keep, whatever goes wrong in it', { timeout: 60_000 }, async () => {
    const report = await checkTree(makeTree, { runs: 150, seed: 1, workload, horizon: '30s' });

    expect(report.faults).toBeGreaterThan(300);
  });

  it('keeps it when its tasks are what goes wrong', { timeout: 60_000 }, async () => {
    const names = ['Throws', 'ThrowsSync', 'Hangs', 'IgnoresSignal', 'SettlesLate'];
    const only = [...names.map((name) => `task${name}`), 'crashAfter', 'shutdown', 'clockJump'];
    const report = await checkTree(makeTree, {
      runs: 150,
      seed: 2,
      workload,
      horizon: '30s',
      faults: { only },
    });

    expect(report.faults).toBeGreaterThan(300);
  });

  /** How the tasks of the first seconds end under a fault. */
  async function endsWith(fault: Omit<Fault, 'trigger'>): Promise<string[]> {
    const trigger = { on: 'app/worker', incarnation: 1 };
    const plan = { ...emptyPlan, horizonMs: 10_000, faults: [{ ...fault, trigger }] };
    const { trace } = await runPlan(makeTree, plan, {
      workload: (outside) => {
        outside.at('1s', () => {
          const now = outside.system.value(worker);
          now?.submit('job', () => 'done', { timeout: '1s', cancelWithin: '1s' });
        });
      },
    });
    return trace.events.flatMap((event) =>
      event.type === 'task' && event.id === 'job' ? [`${event.at} ${event.status}`] : [],
    );
  }

  it.each([
    ['taskThrows', { ms: 300 }, ['1300 failed']],
    ['taskThrowsSync', {}, ['1000 failed']],
    ['taskHangs', {}, ['2000 stopping', '2000 failed']],
    ['taskIgnoresSignal', {}, ['2000 stopping', '3000 abandoned']],
    ['taskSettlesLate', { ms: 500 }, ['2000 stopping', '2500 failed']],
    ['taskSettlesLate', { ms: 5_000 }, ['2000 stopping', '3000 abandoned']],
  ])('is struck by %s %j', async (kind, params, ends) => {
    expect(await endsWith({ kind, params })).toEqual(['1000 pending', '1000 running', ...ends]);
  });

  it('blames a task for what it leaves behind, and nobody else suffers', async () => {
    const { trace } = await simulate(makeTree, (sim) => {
      sim.advance('1s');
      const now = sim.system.value(worker);
      now?.submit('other', (ctx) => ctx.sleep('1s'));
      now?.submit('careless', async (ctx) => {
        void Promise.reject(new Error('nobody looks at me'));
        await ctx.sleep('1s');
      });
      sim.advance('2s');
    });

    expect(trace.events.filter(({ type }) => type === 'stray-error')).toMatchObject([
      { path: 'app/worker', task: 'careless', error: { message: 'nobody looks at me' } },
    ]);
    const ends = trace.events.flatMap((event) =>
      event.type === 'task' && event.status === 'completed' ? [event.id] : [],
    );
    expect(ends.slice(0, 2)).toEqual(['other', 'careless']);
    expect(trace.of('app/worker').filter(({ type }) => type === 'starting')).toHaveLength(1);
  });
});
