import type { SystemPhase } from '../../events.ts';
import { prometheusType } from '../metrics/prometheus.ts';
import type { Check } from './readiness.ts';

/** What the pages show. */
export interface Exhibit {
  readonly phase: SystemPhase | undefined;
  checks(excluded: readonly string[]): readonly Check[];
  metrics(): string;
}

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Finding {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

const text = 'text/plain; charset=utf-8';
const probes = ['/livez', '/readyz', '/startupz'] as const;
type Probe = (typeof probes)[number];

/**
 * The page for a request. Probes answer 200 or 503: as a line of text, as a list of their checks
 * with `?verbose`, and as JSON where that is accepted. `?exclude=path` leaves a check out, with all
 * below it, and may be given several times.
 */
export function pageFor(exhibit: Exhibit, target: string, accept: string): Page {
  const { pathname, searchParams } = new URL(target, 'http://localhost');
  if (pathname === '/metrics') {
    return { status: 200, type: prometheusType, body: exhibit.metrics() };
  }
  const probe = probes.find((name) => name === pathname);
  if (!probe) {
    const pages = [...probes, '/metrics'].join(', ');
    return { status: 404, type: text, body: `not found; there are ${pages}\n` };
  }
  const finding = look(exhibit, probe, searchParams.getAll('exclude'));
  const status = finding.ok ? 200 : 503;
  if (accept.includes('application/json')) {
    const body = JSON.stringify({
      status: finding.ok ? 'ok' : 'failed',
      ...asJson(exhibit, finding),
    });
    return { status, type: 'application/json', body: `${body}\n` };
  }
  const isVerbose = searchParams.has('verbose') || !finding.ok;
  return { status, type: text, body: asText(exhibit, probe, finding, isVerbose) };
}

/**
 * Alive: it answers, and the system has not come down. Started: it has been ready once. Ready: it
 * runs, everything that is meant to run is ready, and nothing is unhealthy. Being live never depends
 * on checks: a database that is down must not have the process killed.
 */
function look(exhibit: Exhibit, probe: Probe, excluded: readonly string[]): Finding {
  const { phase } = exhibit;
  const checks = exhibit.checks(excluded);
  if (probe === '/livez') return { ok: phase !== 'stopped', checks };
  if (probe === '/startupz') {
    return { ok: phase !== undefined && phase !== 'booting' && phase !== 'stopped', checks };
  }
  return { ok: phase === 'running' && checks.every(({ ok }) => ok), checks };
}

function asJson({ phase }: Exhibit, { checks }: Finding): object {
  return {
    phase: phase ?? null,
    checks: checks.map(({ name, ok, status, since, detail }) => ({
      name,
      ok,
      status,
      since: since === null ? null : new Date(since).toISOString(),
      detail,
    })),
  };
}

function asText(
  exhibit: Exhibit,
  probe: Probe,
  { ok, checks }: Finding,
  isVerbose: boolean,
): string {
  if (!isVerbose) return 'ok\n';
  const lines = checks.map(
    (check) => `[${check.ok ? '+' : '-'}] ${check.name} ${check.status}: ${check.detail}`,
  );
  const phase = `[${ok ? '+' : ' '}] system: ${exhibit.phase ?? 'not started'}`;
  return `${[phase, ...lines, `${probe.slice(1)} ${ok ? 'passed' : 'failed'}`].join('\n')}\n`;
}
