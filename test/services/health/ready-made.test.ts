import { describe, expect, it } from 'vitest';
import {
  cpuBelow,
  errorRateBelow,
  heapBelow,
  loopLagBelow,
  processHealth,
  queueBelow,
  service,
  supervisor,
} from '../../../src/index.ts';
import type { ProcessReadings } from '../../../src/services/metrics/process.ts';
import { Lab } from '../../kernel/lab.ts';

const mib = 1024 * 1024;
const quiet: ProcessReadings = {
  heapUsedBytes: 0,
  residentBytes: 0,
  cpuMs: 0,
  loopLagMs: 0,
  uptimeMs: 0,
};

/** A process whose readings are set by the test. */
function fakeProcess() {
  const readings = { ...quiet };
  return { readings, gauge: { read: () => ({ ...readings }), stop: () => {} } };
}

async function withChecks(health: object, readings: Partial<ProcessReadings> = {}) {
  const { readings: now, gauge } = fakeProcess();
  Object.assign(now, readings);
  const db = service('db', { start: () => undefined, health: health as never });
  const metrics = { process: gauge, openTelemetry: false };
  const lab = await new Lab(supervisor('app', [db]), { metrics }).start();
  return { lab, now, health: () => lab.system.health() };
}

describe('ready-made checks', () => {
  it.each([
    [500 * mib, 'healthy'],
    [500 * mib + 1, 'degraded'],
  ])('heapBelow 500 MiB finds %d bytes %s', async (heapUsedBytes, status) => {
    const { health } = await withChecks({ heap: heapBelow(500 * mib) }, { heapUsedBytes });

    expect(health().status).toBe(status);
  });

  it('cpuBelow compares with the processor time since the last look', async () => {
    const { lab, now, health } = await withChecks({
      cpu: { check: cpuBelow(0.8), every: '10s', failures: 1 },
    });

    Object.assign(now, { uptimeMs: 10_000, cpuMs: 8_000 });
    await lab.clock.advance(10_000);
    const atLimit = health().status;
    Object.assign(now, { uptimeMs: 20_000, cpuMs: 17_000 });
    await lab.clock.advance(10_000);

    expect(atLimit).toBe('healthy');
    expect(health().reasons).toMatchObject([
      { status: 'degraded', reason: 'cpu: processor 90 % of 80 %' },
    ]);
  });

  it('loopLagBelow finds a late event loop degraded', async () => {
    const { health } = await withChecks({ loop: loopLagBelow('100ms') }, { loopLagMs: 250 });

    expect(health().reasons[0]?.reason).toBe('loop: event loop late by 250ms of 100ms');
  });

  it.each([
    [1_000, 'healthy'],
    [1_001, 'degraded'],
  ])('queueBelow 1,000 finds %d waiting %s', async (length, status) => {
    const { health } = await withChecks({ queue: queueBelow(1_000, () => length) });

    expect(health().status).toBe(status);
  });

  it('errorRateBelow looks at what has failed since the last look', async () => {
    const tally = { errors: 1, total: 10 };
    const { lab, health } = await withChecks({
      errors: { check: errorRateBelow(0.1, () => tally), every: '10s', failures: 1 },
    });
    const atLimit = health().status;

    Object.assign(tally, { errors: 3, total: 20 });
    await lab.clock.advance(10_000);
    const above = health();
    Object.assign(tally, { errors: 3, total: 40 });
    await lab.clock.advance(10_000);

    expect(atLimit).toBe('healthy');
    expect(above).toMatchObject({
      status: 'unhealthy',
      reasons: [{ reason: 'errors: 2 of 10 failed, 20 % of 10 %' }],
    });
    expect(health().status).toBe('healthy');
  });

  it.each([
    () => heapBelow(0),
    () => cpuBelow(Number.NaN),
    () => loopLagBelow('0ms'),
    () => queueBelow(-1, () => 0),
    () => errorRateBelow(0, () => ({ errors: 0, total: 0 })),
  ])('refuses a limit that makes no sense: %s', (make) => {
    expect(make).toThrow('needs a limit above 0');
  });

  it('processHealth is one child for the process, and leaves the other services healthy', async () => {
    const { readings, gauge } = fakeProcess();
    readings.heapUsedBytes = 600 * mib;
    const app = supervisor('app', [processHealth('process'), service('api', { start: () => 1 })]);
    const lab = await new Lab(app, { metrics: { process: gauge, openTelemetry: false } }).start();

    expect(lab.system.ref('app/api').health().status).toBe('healthy');
    expect(lab.system.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ path: 'app/process', reason: 'heap: heap 600 MiB of 500 MiB' }],
    });
  });
});
