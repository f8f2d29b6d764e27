import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { manual, service, supervisor } from '../../src/index.ts';
import { emptyPlan, runPlan } from '../../src/testing/index.ts';

const database = service('database', {
  stopWithin: '2s',
  start: () => readFile('rows.json', 'utf8'),
  stop: () => readFile('rows.json'),
});
const feed = service(
  'feed',
  { needs: { database }, ready: manual<number>(), receive: { more: () => 1 } },
  async (ctx) => {
    ctx.ready((await fetch(ctx.needs.database)).status);
  },
);
const log = service('log', { needs: { feed } }, async (ctx) => {
  ctx.health('degraded', `${ctx.needs.feed} of ${await ctx.ask(feed, 'more')}`);
  await ctx.sleep('1h');
});
const job = service('job', () => fetch('http://x'));
const app = supervisor('app', [
  database,
  feed,
  log,
  supervisor('jobs', { strategy: 'dynamic', template: job }),
]);

describe('a stand-in', () => {
  it('plays a service; what is said of it stays, and the others are themselves', async () => {
    const stops: string[] = [];
    const { trace, simulation } = await runPlan(() => app, emptyPlan, {
      standIns: {
        'app/database': { start: () => 'fake', stop: () => void stops.push('database') },
        'app/feed': {
          run: async (ctx) => {
            ctx.ready(7);
            await ctx.sleep('1h');
          },
        },
        'app/jobs/*': {},
      },
      workload: (work) =>
        work.at('1s', () =>
          (work.system.find('app/jobs') as { startChild(): unknown }).startChild(),
        ),
    });

    expect(trace.header.deterministic).toBe(true);
    expect(trace.events.find(({ type }) => type === 'health')).toMatchObject({ reason: '7 of 1' });
    expect(trace.of('app/jobs/1').map(({ type }) => type)).toContain('ready');
    expect(simulation.tree.get('app/database')?.spec.stopWithinMs).toBe(2_000);
    expect(stops).toEqual(['database']);
  });

  it('is refused where there is no service', async () => {
    const run = runPlan(() => app, emptyPlan, { standIns: { 'app/databse': {} } });

    await expect(run).rejects.toThrow("There is no service 'app/databse'");
  });
});
