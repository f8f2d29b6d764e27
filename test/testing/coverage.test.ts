import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { Coverage } from '../../src/testing/coverage.ts';
import { serviceTargets, supervisorTargets } from '../../src/testing/coverage-targets.ts';
import { renderCoverage } from '../../src/testing/coverage-text.ts';
import { sometimes } from '../../src/testing/invariants/custom.ts';
import { emptyPlan, type FaultPlan } from '../../src/testing/plan.ts';
import { runPlan } from '../../src/testing/run-plan.ts';
import { traceOf, treeOf } from './trace-of.ts';

const makeTree = () => {
  const db = service('db', (ctx) => ctx.sleep('1h'));
  const api = service('api', { needs: { db } }, (ctx) => ctx.sleep('1h'));
  const job = service('job', { restart: 'temporary' }, (ctx) => ctx.sleep('1h'));
  return supervisor('app', [db, supervisor('edge', [api, job])]);
};

async function covered(...plans: readonly FaultPlan[]): Promise<Coverage> {
  const coverage = new Coverage();
  for (const plan of plans) {
    const { trace, simulation } = await runPlan(makeTree, plan);
    coverage.add(simulation.tree, trace);
  }
  return coverage;
}

const crash: FaultPlan = {
  ...emptyPlan,
  faults: [{ kind: 'crashAfter', trigger: { at: 1_000 }, target: 'app/db', params: { ms: 0 } }],
};

describe('targets', () => {
  it('are those of the charts', () => {
    expect(serviceTargets.states).toContain('backoff');
    expect(serviceTargets.transitions).toContain('starting -> running');
    expect(serviceTargets.transitions).toContain('stopping -> unstopped');
    expect(supervisorTargets.states).toEqual([
      'starting',
      'running',
      'frozen',
      'stopping',
      'ended',
    ]);
    expect(supervisorTargets.transitions).toContain('frozen -> stopping');
  });
});

describe('coverage', () => {
  it('counts items with the same policies together', async () => {
    const { kinds } = (await covered(emptyPlan)).report();

    expect(kinds.map(({ name, items }) => `${name}: ${items}`)).toEqual([
      'supervisor, permanent: 2',
      'inside the root, one-for-one: 1',
      'service, permanent: 1',
      'inside a supervisor, one-for-one: 1',
      'service, permanent, with needs: 1',
      'service, temporary: 1',
    ]);
  });

  it('leaves out what cannot happen, with the reason', async () => {
    const { kinds } = (await covered(emptyPlan)).report();
    const job = kinds.find(({ name }) => name === 'service, temporary');

    expect(job?.impossible.get('backoff')).toBe('temporary is not restarted');
    expect(job?.impossible.get('backoff -> starting')).toBe('temporary is not restarted');
    expect(job?.missing).not.toContain('backoff');
  });

  it('never reaches what it calls impossible', async () => {
    const { kinds } = (await covered(crash)).report();

    for (const { states, transitions } of kinds) {
      expect(states.hit).toBeLessThanOrEqual(states.total);
      expect(transitions.hit).toBeLessThanOrEqual(transitions.total);
    }
  });

  it('grows with what faults reach', async () => {
    const quiet = (await covered(emptyPlan)).report();
    const report = (await covered(emptyPlan, crash)).report();

    expect(report.runs).toBe(2);
    expect(report.transitions.hit).toBeGreaterThan(quiet.transitions.hit);
    expect(quiet.missing).toContain('service, permanent: backoff');
    expect(report.missing).not.toContain('service, permanent: backoff');
    expect(report.faultByState.get('crashAfter')).toEqual(new Map([['running', 1]]));
    expect(report.eventPairs.get('ready while another is backoff')).toBeUndefined();
    expect(report.eventPairs.get('ready while another is waiting')).toBeGreaterThan(0);
  });

  it('says whether a run reached something new', async () => {
    const coverage = await covered(emptyPlan);
    const { trace, simulation } = await runPlan(makeTree, crash);

    expect(coverage.add(simulation.tree, trace)).toBeGreaterThan(0);
    expect(coverage.add(simulation.tree, trace)).toBe(0);
  });

  it('counts what should happen sometimes', () => {
    const coverage = new Coverage();
    const wanted = [
      sometimes('an escalation', ({ type }) => type === 'escalated'),
      sometimes('a start', ({ type }) => type === 'starting'),
    ];
    coverage.add(treeOf(makeTree()), traceOf('0 starting app#1\nstarting app/db#1'), wanted);
    const { sometimes: counts, missing } = coverage.report();

    expect([...counts]).toEqual([
      ['an escalation', 0],
      ['a start', 2],
    ]);
    expect(missing).toContain('never: an escalation');
  });

  it('is shown as text', async () => {
    const text = renderCoverage((await covered(crash)).report(), 2);

    expect(text).toMatch(/^Coverage of 1 runs: states \d+\/\d+, transitions \d+\/\d+/);
    expect(text).toMatch(/crashAfter +· +· +1/);
    expect(text).toMatch(/Never reached \(\d+\)\n.*\n.*\n {2}and \d+ more\n$/);
  });
});
