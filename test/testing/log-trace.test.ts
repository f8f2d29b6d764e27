import { describe, expect, it } from 'vitest';
import { createSystem, service, supervisor } from '../../src/index.ts';
import { checkLog, journalLines, readJournal } from '../../src/testing/log-trace.ts';
import { packTree, unpackTree } from '../../src/testing/packed-tree.ts';
import { silentLogger } from '../../src/testing/silent-logger.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { treeOf } from './trace-of.ts';

const db = service('db', { backoff: { first: 100, jitter: 'none' } }, async (ctx) => {
  await ctx.sleep('1s');
  throw new Error('lost');
});
const api = service(
  'api',
  { needs: { db }, stopWithin: 'infinity', decide: () => 'restart' },
  (ctx) => ctx.sleep('1h'),
);
const pool = supervisor('pool', { strategy: 'dynamic', template: service('w', async () => {}) });
const app = supervisor('app', { intensity: 3, period: '1h' }, [db, api, pool]);

type Running = ReturnType<typeof createSystem<typeof app>>;

async function journal(meanwhile: (system: Running) => void = () => {}): Promise<string[]> {
  const clock = new VirtualClock();
  const system = createSystem(app, { clock, logger: silentLogger, env: {}, seed: 1 });
  const lines: string[] = [];
  journalLines(system, app, 0).subscribe((line) => lines.push(line));
  system.start().catch(() => {});
  await clock.advance(2_500);
  meanwhile(system);
  await clock.advance(10);
  const stopped = system.stop();
  await clock.advance(60_000);
  await stopped;
  return lines;
}

describe('a packed tree', () => {
  it('comes back with its policies, without what the user wrote', () => {
    const { root, digest } = treeOf(app);
    const back = unpackTree(JSON.parse(JSON.stringify(packTree(root))));

    expect(treeOf(app).digest).toBe(digest);
    expect(back).toMatchObject({ intensity: 3, stopWithinMs: Number.POSITIVE_INFINITY });
    expect(back.children[1]).toMatchObject({
      stopWithinMs: Number.POSITIVE_INFINITY,
      decide: expect.any(Function),
      needs: [{ path: 'app/db' }],
    });
    expect(back.children[2]).toMatchObject({
      strategy: 'dynamic',
      template: { kind: 'service', name: '*' },
    });
  });
});

describe('a journal', () => {
  it('is the tree, and then an event a line', async () => {
    const [header, first, ...rest] = await journal();

    expect(JSON.parse(header ?? '')).toMatchObject({ journal: 1, time: 0, tree: { name: 'app' } });
    expect(JSON.parse(first ?? '')).toMatchObject({ seq: 1, type: 'phase', phase: 'booting' });
    expect(rest.join('\n')).not.toContain('"stack"');
  });

  it('is read back, and keeps what can be judged of it', async () => {
    const [run] = readJournal((await journal()).join('\n'));
    if (!run) throw new Error('Nothing was read.');
    const { violations, unjudged } = checkLog(run);

    expect(run).toMatchObject({ isCut: false, gaps: [] });
    expect(violations).toEqual([]);
    expect(unjudged.map(({ invariant }) => invariant)).toContain('noTimerLeak');
    expect(unjudged.every(({ why }) => why.length > 0)).toBe(true);
  });

  it('says what was asked by hand, so that what follows can be judged', async () => {
    const restart = (system: Running) => void system.ref('app/db').restart();
    const lines = await journal(restart);
    const [run] = readJournal(lines.join('\n'));
    const { violations = [], unjudged = [] } = run ? checkLog(run) : {};
    const [uncalled] = readJournal(lines.filter((line) => !line.includes('"call"')).join('\n'));
    const ofOld = (line: string) => line.replace(',"calls":true', '');
    const [old] = readJournal(lines.map(ofOld).join('\n'));

    const calls = run?.trace.events.filter(({ type }) => type === 'call');
    expect(calls?.map(({ path }) => path)).toEqual(['app/db', 'app/db']);
    expect(run?.gaps).toEqual([]);
    expect(violations).toEqual([]);
    expect(unjudged.map(({ invariant }) => invariant)).toEqual([
      'abortDelivered',
      'startsAtOnce',
      'stopsAtOnce',
      'frozenAtOnce',
      'decisionRespected',
      'endIsSettled',
      'callsObeyed',
      'callsAnswered',
      'hooksCalled',
      'fencedWhenOver',
      'resourcesReturned',
      'watchdogBites',
      'noTimerLeak',
    ]);
    // Without the calls a restart by hand looks like one that nobody asked for.
    expect(uncalled && checkLog(uncalled).violations[0]).toMatchObject({ path: 'app/db' });
    expect(old && checkLog(old).unjudged).toContainEqual({
      invariant: 'strategyRespected',
      why: 'it was written without the calls on handles',
    });
  });

  it('is judged to its end only where it goes on to it', async () => {
    const lines = await journal();
    const [run] = readJournal(lines.slice(0, -3).join('\n'));

    expect(run && checkLog(run).unjudged).toContainEqual({
      invariant: 'shutdownCompletes',
      why: 'it does not go on to the end of the run',
    });
  });

  it('finds what was wrong', async () => {
    const lines = (await journal()).map((line) => line.replace('"delayMs":100', '"delayMs":90'));
    const [run] = readJournal(lines.join('\n'));

    expect(run && checkLog(run).violations[0]).toMatchObject({
      invariant: 'backoffBounds',
      path: 'app/db',
    });
  });

  it('tolerates a last line that is cut', async () => {
    const lines = await journal();
    const cut = `${lines.slice(0, 5).join('\n')}\n${lines[5]?.slice(0, 20)}`;

    expect(readJournal(cut)).toMatchObject([{ isCut: true, trace: { events: { length: 4 } } }]);
  });

  it('may hold several runs, also after one that was cut', async () => {
    const lines = await journal();
    const text = [...lines.slice(0, 3), '{"seq":', ...lines].join('\n');

    expect(readJournal(text).map(({ isCut }) => isCut)).toEqual([true, false]);
  });

  it('says where lines are missing, and judges nothing then', async () => {
    const lines = await journal();
    const [run] = readJournal([...lines.slice(0, 3), ...lines.slice(5)].join('\n'));

    expect(run?.gaps).toEqual([2]);
    expect(run && checkLog(run).violations).toEqual([]);
  });

  it('is refused when it is something else', () => {
    expect(() => readJournal('{"seq":1}')).toThrow(/first line/);
    expect(() => readJournal('{"journal":1,"tree":{}}\nno\n{"seq":1}')).toThrow(/Line 2/);
  });
});
