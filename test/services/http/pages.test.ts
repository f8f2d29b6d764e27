import { describe, expect, it } from 'vitest';
import { type Exhibit, pageFor } from '../../../src/services/http/pages.ts';
import type { Check } from '../../../src/services/http/readiness.ts';

const fine: Check = { name: 'app/api', ok: true, status: 'healthy', since: 0, detail: 'running' };
const slow: Check = { ...fine, name: 'app/db', status: 'degraded', detail: 'ping: slow' };
const down: Check = {
  ...fine,
  name: 'app/feed',
  ok: false,
  status: 'degraded',
  detail: 'is backoff',
};

const exhibit = (phase: Exhibit['phase'], checks: Check[] = [fine]): Exhibit => ({
  phase,
  checks: (excluded) => checks.filter(({ name }) => !excluded.includes(name)),
  metrics: () => 'up 1\n',
});

const statusOf = (phase: Exhibit['phase'], target: string, checks?: Check[]) =>
  pageFor(exhibit(phase, checks), target, '').status;

describe('the probes', () => {
  it.each([
    ['not started', undefined, 200, 503, 503],
    ['booting', 'booting', 200, 503, 503],
    ['running', 'running', 200, 200, 200],
    ['draining', 'draining', 200, 503, 200],
    ['stopping', 'stopping', 200, 503, 200],
    ['stopped', 'stopped', 503, 503, 503],
  ] as const)('say of a system that is %s', (_title, phase, live, ready, started) => {
    expect([
      statusOf(phase, '/livez'),
      statusOf(phase, '/readyz'),
      statusOf(phase, '/startupz'),
    ]).toEqual([live, ready, started]);
  });

  it('are alive whatever its services are, and ready only while all of them are', () => {
    expect(statusOf('running', '/livez', [fine, down])).toBe(200);
    expect(statusOf('running', '/readyz', [fine, down])).toBe(503);
    expect(statusOf('running', '/readyz', [fine, slow])).toBe(200);
  });

  it('leave out what is excluded, once or several times', () => {
    const other = { ...down, name: 'app/other' };
    const checks = [fine, down, other];

    expect(statusOf('running', '/readyz?exclude=app/feed', checks)).toBe(503);
    expect(statusOf('running', '/readyz?exclude=app/feed&exclude=app/other', checks)).toBe(200);
  });

  it('say ok in a line, and name every check when asked to, or when not', () => {
    expect(pageFor(exhibit('running'), '/readyz', '').body).toBe('ok\n');
    expect(pageFor(exhibit('running', [fine, slow]), '/readyz?verbose', '').body).toBe(
      [
        '[+] system: running',
        '[+] app/api healthy: running',
        '[+] app/db degraded: ping: slow',
        'readyz passed\n',
      ].join('\n'),
    );
    expect(pageFor(exhibit('running', [down]), '/readyz', '').body).toContain(
      '[-] app/feed degraded: is backoff\nreadyz failed',
    );
  });

  it('are JSON where that is accepted', () => {
    const page = pageFor(exhibit('running', [slow]), '/readyz', 'application/json, */*');

    expect(page.type).toBe('application/json');
    expect(JSON.parse(page.body)).toEqual({
      status: 'ok',
      phase: 'running',
      checks: [
        {
          name: 'app/db',
          ok: true,
          status: 'degraded',
          since: '1970-01-01T00:00:00.000Z',
          detail: 'ping: slow',
        },
      ],
    });
  });
});

describe('the other pages', () => {
  it('are the metrics, and a list of what there is', () => {
    expect(pageFor(exhibit('running'), '/metrics', '')).toMatchObject({
      status: 200,
      type: expect.stringContaining('version=0.0.4'),
      body: 'up 1\n',
    });
    expect(pageFor(exhibit('running'), '/', '')).toMatchObject({
      status: 404,
      body: 'not found; there are /livez, /readyz, /startupz, /metrics\n',
    });
  });
});
