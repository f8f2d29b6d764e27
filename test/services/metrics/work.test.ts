import { describe, expect, it } from 'vitest';
import { every, policy, queue, service, supervisor, tasks, worker } from '../../../src/index.ts';
import { quietProcess } from '../../../src/services/metrics/process.ts';
import { Lab } from '../../kernel/lab.ts';

const metrics = { openTelemetry: false, process: quietProcess } as const;

describe('the metrics of work', () => {
  it('count tasks by status, those that are over, and how long they took', async () => {
    const worker = tasks('worker', { concurrency: 1 });
    const lab = await new Lab(supervisor('app', [worker]), { metrics }).start();
    const own = lab.system.value(worker);

    own?.submit('a', (ctx) => ctx.sleep('2s'));
    own?.submit('b', () => Promise.reject(new Error('no')));
    await lab.clock.advance(1_000);
    const during = lab.system.metrics.text();
    await lab.clock.advance(2_000);
    const after = lab.system.metrics.text();

    expect(during).toContain('daruma_tasks{actor="app/worker",status="running"} 1\n');
    expect(during).toContain('daruma_tasks{actor="app/worker",status="pending"} 1\n');
    expect(after).toContain('daruma_tasks{actor="app/worker",status="running"} 0\n');
    expect(after).toContain('daruma_tasks_total{actor="app/worker",status="completed"} 1\n');
    expect(after).toContain('daruma_tasks_total{actor="app/worker",status="failed"} 1\n');
    expect(after).toContain('daruma_task_seconds_sum{actor="app/worker",status="completed"} 2\n');
  });

  it('count jobs by queue and status, those that run, and how long they waited and took', async () => {
    const items = queue('items', { backoff: { first: '1s', jitter: 'none' } });
    const own = worker(items, { concurrency: 1 }, async (job) => {
      await job.sleep('2s');
      if (job.attempt === 1 && job.payload === 'shaky') throw new Error('no');
    });
    const options = { metrics, storage: 'memory' } as const;
    const lab = await new Lab(supervisor('app', [own]), options).start();

    await lab.system.jobs.enqueueMany(items, [{ payload: 'shaky' }, { payload: 'fine' }]);
    await lab.clock.advance(1_000);
    const during = lab.system.metrics.text();
    await lab.clock.advance(10_000);
    const after = lab.system.metrics.text();

    expect(during).toContain('daruma_jobs_running{queue="items"} 1\n');
    expect(after).toContain('daruma_jobs_running{queue="items"} 0\n');
    for (const [status, count] of Object.entries({ added: 2, started: 3, retrying: 1 })) {
      expect(after).toContain(`daruma_jobs_total{queue="items",status="${status}"} ${count}\n`);
    }
    expect(after).toContain('daruma_job_seconds_sum{queue="items",status="completed"} 4\n');
    expect(after).toContain('daruma_job_seconds_count{queue="items",status="retrying"} 1\n');
    expect(after).toContain('daruma_job_wait_seconds_sum{queue="items"} 3\n');
  });

  it('count the runs of schedules, and what was skipped', async () => {
    const slow = every('slow', '1s', (ctx) => ctx.sleep('1500ms'));
    const lab = await new Lab(supervisor('app', [slow]), { metrics }).start();

    await lab.clock.advance(10_000);

    const text = lab.system.metrics.text();
    expect(text).toMatch(/daruma_runs_total\{actor="app\/slow",status="completed"\} [45]\n/);
    expect(text).toMatch(/daruma_runs_skipped_total\{actor="app\/slow",why="overlap"\} [45]\n/);
    expect(text).toContain('daruma_run_seconds_count{actor="app/slow",status="completed"}');
  });

  it('say which breakers are open', async () => {
    const remote = policy('remote', { breaker: { failures: 1, recovery: '5s' } });
    const caller = service('caller', async (ctx) => {
      await remote.run(ctx, () => Promise.reject(new Error('no'))).catch(() => {});
      await ctx.sleep('1d');
    });
    const lab = await new Lab(supervisor('app', [caller]), { metrics }).start();
    await lab.clock.settle();
    const open = lab.system.metrics.text();
    await lab.clock.advance(5_000);

    expect(open).toContain('daruma_breaker_open{policy="remote"} 1\n');
    expect(lab.system.metrics.text()).toContain('daruma_breaker_open{policy="remote"} 0\n');
  });
});
