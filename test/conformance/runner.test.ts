import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutantsOf } from './mutants.ts';
import { describeTotals, describeVerdict } from './report.ts';
import { runScenario } from './runner.ts';
import type { Scenario } from './vocabulary.ts';

const tree = { id: 'app', strategy: 'one-for-one', children: [{ id: 'a' }, { id: 'b' }] };
const start = { do: 'start', expect: 'ok' };

async function textOf(scenario: object): Promise<string> {
  return describeVerdict(await runScenario(scenario));
}

const playing = (...steps: object[]) => ({ id: 'T-1', tree, steps: [start, ...steps] });
const growing = (tree: object) => ({ id: 'T-1', tree, steps: [start] });

describe('a scenario in the vocabulary', () => {
  it('passes when everything is as expected', async () => {
    const scenario = playing({ do: 'expect', status: { 'app/a': 'running' } });

    expect(await textOf({ title: 'it runs', source: ['x'], ...scenario })).toBe(
      'ok    T-1  it runs',
    );
  });

  it('fails with what was expected, what was observed, and the log', async () => {
    const restarted = { do: 'exit', paths: ['app/a'], reason: 'error' };
    const wrong = { do: 'expect', status: { 'app/b': 'running', 'app/a': 'backoff' } };

    expect(await textOf(playing({ do: 'mark' }, restarted, wrong))).toMatchInlineSnapshot(`
      "FAIL  T-1
            steps[3] (expect), status of app/a:
              expected backoff
              observed running
            event log:
                    0 ms  starting app
                    0 ms  starting app/a
                    0 ms  ready app/a
                    0 ms  starting app/b
                    0 ms  ready app/b
                    0 ms  ready app
                         -- mark --
                    0 ms  ended app/a  (error)
                    0 ms  backoff app/a  (0 ms)
                    0 ms  starting app/a
                    0 ms  ready app/a"
    `);
  });

  it.each([
    [{ do: 'stop', expect: 'pending' }, 'expected pending', 'observed ok'],
    [{ do: 'expect', never: ['ready app/b'] }, "no 'ready app/b'", "observed 'ready app/b'"],
    [{ do: 'expect', log: ['ready app/b', 'ready app/a'] }, 'expected [', 'not in the log after'],
    [{ do: 'expect', logExact: [] }, 'expected []', '"ready app/b"'],
    [{ do: 'expect', unstopped: ['app/a'] }, 'expected ["app/a"]', 'observed []'],
    [{ do: 'expect', ended: { 'app/a': 'normal' } }, 'expected normal', 'observed not ended'],
    [{ do: 'expect', pendingTimers: 1 }, 'expected 1', 'observed 0'],
    [{ do: 'expect', worstCaseMs: { app: 'infinity' } }, 'expected infinity', 'observed 10000'],
    [
      { do: 'expect', counts: { app: { specs: 2, active: 2, supervisors: 1, workers: 1 } } },
      '"supervisors":1',
      '"supervisors":0',
    ],
  ])('notices that %j does not hold', async (step, expected, observed) => {
    const text = await textOf(playing(step));

    expect(text).toMatch(/^FAIL/);
    expect(text).toContain(expected);
    expect(text).toContain(observed);
  });

  it('compares the paths of an error as a set, where they are given', async () => {
    const twice = (paths?: string[]) =>
      playing({
        do: 'call',
        fn: 'startChild',
        at: 'app',
        spec: { id: 'a' },
        expect: { error: 'AlreadyStarted', ...(paths && { paths }) },
      });

    expect(await textOf(twice())).toMatch(/^ok/);
    expect(await textOf(twice(['app/a', 'app/a']))).toMatch(/^ok/);
    expect(await textOf(twice([]))).toMatch(/^FAIL/);
    expect(await textOf(twice(['app/b']))).toContain('"paths":["app/a"]');
  });

  it('counts the timers of the library, not those of the bodies', async () => {
    const slow = { id: 'a', start: { okAfterMs: 500 }, startWithinMs: 900 };
    const steps = [
      { do: 'start', expect: 'pending' },
      { do: 'expect', pendingTimers: 1 },
      { do: 'advance', ms: 500 },
      { do: 'expect', pendingTimers: 0 },
    ];

    expect(await textOf({ id: 'T-1', tree: { ...tree, children: [slow] }, steps })).toMatch(/^ok/);
  });
});

describe('a scenario that is not in the vocabulary', () => {
  it.each<[string, object, string]>([
    ['a field of the scenario', { ...playing(), note: 1 }, 'unknown field "note"'],
    ['a field of a step', playing({ do: 'mark', now: 1 }), 'steps[1]: unknown field "now"'],
    ['a step', playing({ do: 'constructor' }), 'steps[1].do: unknown word "constructor"'],
    ['a missing step', playing({}), 'steps[1].do: must be one of start, stop'],
    [
      'a function',
      playing({ do: 'call', fn: 'killChild', at: 'app', child: 'a', expect: 'ok' }),
      'steps[1].fn: unknown word "killChild"',
    ],
    [
      'a reason',
      playing({ do: 'exit', paths: ['app/a'], reason: 'bored' }),
      'unknown word "bored"',
    ],
    ['an assertion', playing({ do: 'expect', state: {} }), 'unknown field "state"'],
    ['an empty expect', playing({ do: 'expect' }), 'steps[1]: there is no assertion in it'],
    [
      'a status',
      playing({ do: 'expect', status: { app: 'up' } }),
      'steps[1].status["app"]: unknown word "up"',
    ],
    [
      'an event',
      playing({ do: 'expect', never: ['exploded app/a'] }),
      'steps[1].never[0]: unknown word "exploded"',
    ],
    [
      'an event of the library alone',
      playing({ do: 'expect', log: ['dropped app/a'] }),
      'unknown word "dropped"',
    ],
    ['an entry without a path', playing({ do: 'expect', log: ['ready'] }), 'steps[1].log[0]'],
    [
      'a path of another tree',
      playing({ do: 'expect', never: ['ready ap/a'] }),
      '"ap/a" does not begin with the id of the root',
    ],
    [
      'a code',
      playing({ do: 'stop', expect: { error: 'Broken' } }),
      'steps[1].expect.error: unknown word "Broken"',
    ],
    ['a result', playing({ do: 'stop', expect: 'fine' }), 'steps[1].expect: unknown word "fine"'],
    [
      'a field of a result',
      playing({ do: 'stop', expect: { error: 'Stopped', path: 'app' } }),
      'steps[1].expect: unknown field "path"',
    ],
    [
      'the result of nothing',
      playing({ do: 'expect', results: { boot: 'ok' } }),
      'steps[1].results["boot"]: no step before has given this name',
    ],
    [
      'the path of nobody',
      playing({ do: 'expect', status: { $h1: 'running' } }),
      '$h1: no startChild before has given this name',
    ],
    ['an end', playing({ do: 'expect', ended: { app: 'crashed' } }), 'unknown word "crashed"'],
    [
      'a count',
      playing({ do: 'expect', counts: { app: { specs: 1 } } }),
      'steps[1].counts["app"]: the field "active" is missing',
    ],
    [
      'a number as a text',
      playing({ do: 'advance', ms: '5' }),
      'steps[1].ms: must be a number, 0 or more, is "5"',
    ],
    ['a missing field', playing({ do: 'advance' }), 'steps[1]: the field "ms" is missing'],
    ['a missing expectation', playing({ do: 'stop' }), 'steps[1]: the field "expect" is missing'],
    [
      'a call without its child',
      playing({ do: 'call', fn: 'stopChild', at: 'app', expect: 'ok' }),
      'the field "child" is missing',
    ],
    [
      'a call with too much',
      playing({ do: 'call', fn: 'stopChild', at: 'app', child: 'a', spec: {}, expect: 'ok' }),
      'unknown field "spec"',
    ],
    ['no steps', { id: 'T-1', tree, steps: [] }, 'nothing would be tested'],
    ['steps that are no list', { id: 'T-1', tree, steps: {} }, 'steps: must be a list, is {}'],
    ['no tree', { id: 'T-1', steps: [start] }, 'the field "tree" is missing'],
    ['no id', { tree, steps: [start] }, 'the field "id" is missing'],
    ['a child as root', growing({ id: 'app' }), 'tree: the field "strategy" is missing'],
    [
      'a field of a child',
      growing({ ...tree, children: [{ id: 'a', retries: 1 }] }),
      'tree.children[0]: unknown field "retries"',
    ],
    [
      'a field of the other kind',
      growing({ ...tree, children: [{ id: 'a', intensity: 1 }] }),
      'tree.children[0]: unknown field "intensity"',
    ],
    ['a child without an id', growing({ ...tree, children: [{}] }), 'the field "id" is missing'],
    [
      'an outcome',
      growing({ ...tree, children: [{ id: 'a', start: ['ok', 'nope'] }] }),
      'tree.children[0].start[1]: unknown word "nope"',
    ],
    [
      'two outcomes in one',
      growing({ ...tree, children: [{ id: 'a', start: { okAfterMs: 1, failAfterMs: 1 } }] }),
      'must be one of okAfterMs',
    ],
    [
      'no outcomes',
      growing({ ...tree, children: [{ id: 'a', start: [] }] }),
      'one outcome or more',
    ],
    ['a cleanup', growing({ ...tree, children: [{ id: 'a', stop: 'slowly' }] }), '"slowly"'],
    [
      'half a backoff',
      growing({ ...tree, children: [{ id: 'a', backoff: { firstMs: 1 } }] }),
      'tree.children[0].backoff: the field "maxMs" is missing',
    ],
    [
      'an id in a template',
      growing({ id: 'app', strategy: 'dynamic', template: { id: 'x' } }),
      'tree.template: unknown field "id"',
    ],
    [
      'dynamic without a template',
      growing({ id: 'app', strategy: 'dynamic' }),
      'tree: the field "template" is missing',
    ],
    ['a template without dynamic', growing({ ...tree, template: {} }), 'unknown field "template"'],
    [
      'an invalid value outside of family VAL',
      growing({ ...tree, strategy: 'none' }),
      'tree.strategy: unknown word "none"',
    ],
  ])('is an error: %s', async (_, scenario, fault) => {
    const verdict = await runScenario(scenario);

    expect(verdict.kind).toBe('error');
    expect(describeVerdict(verdict)).toContain(fault);
  });

  it.each([
    ['a text', 'the scenario: must be an object, is "x"'],
    [null, 'the scenario: must be an object, is null'],
  ])('is an error: %j instead of a scenario', async (_, fault) => {
    const scenario = _ === null ? null : 'x';

    expect(describeVerdict(await runScenario(scenario))).toContain(fault);
  });

  it('names all faults at once, each with its place', async () => {
    const verdict = await runScenario(
      playing({ do: 'mark', a: 1 }, { do: 'advance', ms: -1 }, { do: 'jump' }),
    );

    expect(verdict).toMatchObject({ kind: 'error', faults: { length: 3 } });
  });

  it('knows the fields of a template in startChild', async () => {
    const pool = { id: 'app', strategy: 'dynamic', template: { restart: 'transient' } };
    const add = (spec: object) => ({ do: 'call', fn: 'startChild', at: 'app', spec, expect: 'ok' });
    const scenario = (spec: object) => ({ id: 'T-1', tree: pool, steps: [start, add(spec)] });

    expect(await textOf(scenario({ stopWithinMs: 5 }))).toMatch(/^ok/);
    expect(await textOf(scenario({ intensity: 5 }))).toContain('unknown field "intensity"');
    expect(await textOf(scenario({ id: 'x' }))).toContain('unknown field "id"');
  });
});

describe('a scenario that cannot be played', () => {
  it.each<[object, string]>([
    [playing({ do: 'exit', paths: ['app/zzz'], reason: 'error' }), 'no body is ready at app/zzz'],
    [playing({ do: 'exit', paths: ['app'], reason: 'error' }), 'no body is ready at app,'],
    [playing(start), 'steps[1]: the tree has been started before'],
    [{ id: 'T-1', tree, steps: [{ do: 'stop', expect: 'ok' }] }, 'nothing has been started'],
  ])('is an error: %j', async (scenario, fault) => {
    const verdict = await runScenario(scenario);

    expect(verdict.kind).toBe('error');
    expect(describeVerdict(verdict)).toContain(fault);
  });
});

describe('family VAL', () => {
  it.each([
    [{ restart: 'sometimes' }, 'InvalidRestart'],
    [{ stopWithinMs: -1 }, 'InvalidStopWithin'],
    [{ stopWithinMs: 'soon' }, 'InvalidStopWithin'],
    [{ backoff: { firstMs: 2, maxMs: 1 } }, 'InvalidBackoff'],
  ])('passes %j on to the library', async (field, code) => {
    const children = [{ id: 'x', ...field }];
    const expected = { do: 'start', expect: { error: code, paths: ['app/x'] } };

    expect(await textOf({ id: 'VAL-1', tree: { ...tree, children }, steps: [expected] })).toMatch(
      /^ok/,
    );
  });

  it('knows no other fields either', async () => {
    const children = [{ id: 'x', restrat: 'permanent' }];

    expect(await textOf({ id: 'VAL-1', tree: { ...tree, children }, steps: [start] })).toContain(
      'unknown field "restrat"',
    );
  });
});

describe('the totals', () => {
  it('count errors as failed', async () => {
    const verdicts = await Promise.all(
      [playing(), playing({ do: 'jump' }), playing({ do: 'expect', pendingTimers: 9 })].map(
        runScenario,
      ),
    );

    expect(describeTotals(verdicts)).toBe('1 passed, 2 failed');
  });
});

describe.each(['cases.json', 'more.json'])('the scenarios of %s', (file) => {
  it('fail as soon as one expectation is wrong', { timeout: 60_000 }, async () => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const mutants = (JSON.parse(text) as Scenario[]).flatMap(mutantsOf);
    const survivors: string[] = [];
    for (const { what, scenario } of mutants) {
      const { kind } = await runScenario(scenario);
      if (kind !== 'failed') survivors.push(`${what}: ${kind}`);
    }

    expect(mutants.length).toBeGreaterThan(500);
    expect(survivors).toEqual([]);
  });
});
