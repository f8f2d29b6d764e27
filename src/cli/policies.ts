import { formatDuration } from '../../actors/rules/duration.ts';
import { defaultService, defaultSupervisor } from '../define/defaults.ts';
import type { BodySpec, ItemSpec, NeedSpec, ServiceSpec, SupervisorSpec } from '../define/spec.ts';
import type { WorkerPolicy } from '../jobs/read-worker.ts';

/** How it is restarted, or what it does about its children. */
export function policyOf(spec: ItemSpec): string {
  if (spec.kind === 'service') return spec.restart;
  const order = spec.order === 'parallel' && spec.strategy !== 'dynamic' ? ', parallel' : '';
  return spec.strategy + order;
}

/** Options that differ from their defaults, each in a few words. Start and stop limits excepted. */
export function optionsOf(spec: ItemSpec): string[] {
  const own = spec.kind === 'service' ? serviceOptions(spec) : supervisorOptions(spec);
  return [...own, ...commonOptions(spec)];
}

function serviceOptions(spec: ServiceSpec): string[] {
  const { receive, mailbox, body } = spec;
  return given([
    [spec.firstStart === 'retry', 'first start is retried'],
    [Number.isFinite(spec.watchdogMs), `watchdog ${formatDuration(spec.watchdogMs)}`],
    [spec.onLoss !== defaultService.onLoss, `onLoss ${spec.onLoss}`],
    [spec.decide !== undefined, 'decide()'],
    [body.kind === 'logic', 'XState logic'],
    [comesAlong(body) !== undefined, `${comesAlong(body)}`],
    [spec.health.length > 0, `health ${spec.health.map(({ name }) => name).join(', ')}`],
    [body.kind === 'hooks' && body.ready === 'manual', 'says when it is ready'],
    [receive !== undefined, `receives ${Object.keys(receive ?? {}).join(', ')}`],
    [mailbox !== defaultService.mailbox, `mailbox ${mailbox}`],
    [spec.whileDown !== defaultService.whileDown, `whileDown ${spec.whileDown}`],
  ]);
}

/** What it is, where Daruma brings it along: `tasks`, `cron 0 2 * * *`, `jobs of emails`. */
function comesAlong(body: BodySpec): string | undefined {
  if (body.kind === 'logic' || !body.battery) return undefined;
  const { kind, policy } = body.battery;
  if (kind === 'worker') return workerText(policy as unknown as WorkerPolicy);
  const { timing } = policy as { timing?: Readonly<Record<string, unknown>> };
  if (!timing) return kind;
  const { periodMs, expression, timezone } = timing;
  if (typeof periodMs === 'number') return `every ${formatDuration(periodMs)}`;
  if (typeof expression === 'string') return `cron ${expression} (${String(timezone)})`;
  return 'at a time';
}

/** `jobs of emails, 10 at once`, `jobs of rows, 2 batches of 50 at once` */
function workerText({ queue, concurrency, batch }: WorkerPolicy): string {
  if (!batch) return `jobs of ${queue}, ${concurrency} at once`;
  const batches = concurrency === 1 ? 'batches' : `${concurrency} batches at once,`;
  return `jobs of ${queue}, ${batches} of ${batch.size}`;
}

function supervisorOptions(spec: SupervisorSpec): string[] {
  const { intensity, periodMs, autoShutdown, maxChildren } = spec;
  const period = formatDuration(periodMs);
  const hasBudget = intensity !== undefined || periodMs !== defaultSupervisor.periodMs;
  return given([
    [spec.restart !== 'permanent', spec.restart],
    [hasBudget, `${intensity ?? '20 per item'} restarts in ${period}`],
    [spec.whenExhausted === 'give-up', 'gives up on what exhausts them'],
    [autoShutdown !== 'never', `autoShutdown ${autoShutdown}`],
    [Number.isFinite(maxChildren), `at most ${maxChildren} children`],
  ]);
}

function commonOptions({ significant, backoff, config }: ItemSpec): string[] {
  const { firstMs, maxMs, factor, jitter, resetAfterMs } = backoff;
  const usual = defaultService.backoff;
  const isOwnRange = firstMs !== usual.firstMs || maxMs !== usual.maxMs;
  const range = firstMs === maxMs ? '' : `–${formatDuration(maxMs)}`;
  return given([
    [isOwnRange, `backoff ${formatDuration(firstMs)}${range}`],
    [factor !== usual.factor, `factor ${factor}`],
    [jitter !== usual.jitter, `jitter ${jitter}`],
    [resetAfterMs !== usual.resetAfterMs, `reset after ${formatDuration(resetAfterMs)}`],
    [significant, 'significant'],
    [config !== undefined, 'config'],
  ]);
}

/** `database, edge/feed?`: as short as it can be read from its supervisor; `?`: it is optional. */
export function needsText(spec: ItemSpec, supervisorPath: string): string {
  if (spec.kind === 'supervisor') return '';
  const near = `${supervisorPath}/`;
  const short = ({ path, optional }: NeedSpec) =>
    (path.startsWith(near) ? path.slice(near.length) : path) + (optional ? '?' : '');
  return spec.needs.map(short).join(', ');
}

function given(options: readonly (readonly [boolean, string])[]): string[] {
  return options.flatMap(([isGiven, text]) => (isGiven ? [text] : []));
}
