import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { diffTraces, renderDiff } from '../../src/testing/diff.ts';
import { toMermaid } from '../../src/testing/mermaid.ts';
import { emptyPlan, type FaultPlan } from '../../src/testing/plan.ts';
import { runPlan } from '../../src/testing/run-plan.ts';
import { lanesOf, timelineHtml } from '../../src/testing/timeline.ts';
import { traceOf } from './trace-of.ts';

const backoff = { first: 100, jitter: 'none' } as const;
const makeTree = () =>
  supervisor('app', [
    service('db', { backoff }, (ctx) => ctx.sleep('1h')),
    supervisor('edge', [service('api', { backoff }, (ctx) => ctx.sleep('1h'))]),
  ]);
const plan: FaultPlan = {
  ...emptyPlan,
  horizonMs: 5_000,
  faults: [
    { kind: 'crashAfter', trigger: { on: 'app/db', incarnation: 1 }, params: { ms: 1_000 } },
  ],
};
const trace = async (faults = plan.faults) => (await runPlan(makeTree, { ...plan, faults })).trace;

describe('lanes', () => {
  it('are in the order of the tree, with their statuses and faults', async () => {
    const lanes = lanesOf(await trace());

    expect(lanes.map(({ path }) => path)).toEqual(['app', 'app/db', 'app/edge', 'app/edge/api']);
    const [, db] = lanes;
    expect(db?.pins).toEqual([
      { at: 0, seq: expect.any(Number), label: 'crashAfter', kind: 'fault' },
    ]);
    expect(
      db?.spans
        .map(({ status, from, to }) => `${status} ${from} ${to}`)
        .filter((each) => !/(\d+) \1$/.test(each)),
    ).toEqual(['running 0 1000', 'backoff 1000 1100', 'running 1100 5000']);
  });
});

describe('the page', () => {
  it('is one file that asks for nothing else', async () => {
    const page = timelineHtml(await trace());

    expect(page).toMatch(/^<!doctype html>/);
    expect(page.match(/https?:\/\/(?!www\.w3\.org)/g)).toBeNull();
    expect(page.match(/<(?:script|link|img|iframe)[^>]+(?:src|href)=/g)).toBeNull();
    expect(page).toContain('prefers-color-scheme: dark');
  });

  it('says what broke, and lets no text of a tree out of its place', () => {
    const nasty = traceOf('0 note app {"text":"</script><script>alert(1)</script>"}');
    const page = timelineHtml(nasty, {
      invariant: 'intensity',
      at: 0,
      path: 'app',
      message: 'a <b> & "c"',
      evidence: [1],
    });

    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).toContain('a &lt;b> &amp; &quot;c&quot;');
  });

  it('holds a script that parses', async () => {
    const script = /<script>([\s\S]*)<\/script>/.exec(timelineHtml(await trace()))?.[1];

    expect(() => new Function(script ?? 'throw')).not.toThrow();
  });
});

describe('Mermaid', () => {
  it('draws a Gantt chart', async () => {
    const text = toMermaid(await trace());

    expect(text).toMatch(/^gantt\n/);
    expect(text).toContain('section app/db\n');
    expect(text).toContain('running 1 :0, 1000');
    expect(text).toContain('crashAfter :milestone, crit, 0, 0ms');
    expect(text).not.toMatch(/#/);
  });
});

describe('a comparison', () => {
  it('of a trace with itself finds nothing', async () => {
    const diff = diffTraces(await trace(), await trace());

    expect(diff).toMatchObject({ isSame: true, firstAt: undefined });
    expect(renderDiff(diff)).toBe('The traces are the same.\n');
  });

  it('says what is only in one of two', () => {
    const a = traceOf('0 starting app#1\nready app#1\n5 stop-requested app#1\nended app#1');
    const b = traceOf(
      '0 starting app#1\n3 starting app/db#1\n3 ready app#1\n5 stop-requested app#1\nended app#1',
    );
    const diff = diffTraces(a, b);

    expect(diff.firstAt).toBe(2);
    expect(
      diff.lines
        .filter(({ sign }) => sign !== ' ')
        .map(({ sign, event }) => `${sign}${event.type} ${event.at}`),
    ).toEqual(['-ready 0', '+starting 3', '+ready 3']);
    expect(renderDiff(diff, 0)).toContain('… 2 the same');
  });
});
