import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { service } from 'daruma';
import { incidents } from './incidents.ts';
import { ledger } from './ledger.ts';
import { percent, shareOf } from './lib/format.ts';
import type { HostSample, Usage } from './lib/ledger.ts';
import { rest } from './lib/rest.ts';
import { settingsOf } from './settings.ts';

const resolutionMs = 20;
const fullShare = 0.95;

/**
 * Samples this machine. The watchdog has a reason: `statfs` of a network disk whose server has gone
 * never returns, and only somebody outside can tell.
 */
export const host = service(
  'host',
  { needs: { ledger, incidents }, watchdog: '30s' },
  async (ctx) => {
    const { disks, every } = settingsOf(ctx);
    const delay = monitorEventLoopDelay({ resolution: resolutionMs });
    ctx.defer(() => delay.disable());
    delay.enable();
    for (;;) {
      const sample = await takeSample(disks, delay);
      ctx.needs.ledger.host = sample;
      for (const disk of sample.disks) {
        const subject = `disk ${disk.path}`;
        const reason = `${percent(shareOf(disk))} full`;
        if (isAlmostFull(disk)) ctx.send(incidents, 'open', { subject, reason });
        else ctx.send(incidents, 'resolve', { subject });
      }
      const full = sample.disks.filter(isAlmostFull).map(({ path }) => path);
      if (full.length === 0) ctx.health('healthy');
      else ctx.health('degraded', `almost full: ${full.join(', ')}`);
      await rest(ctx, every);
    }
  },
);

async function takeSample(
  disks: readonly string[],
  delay: ReturnType<typeof monitorEventLoopDelay>,
): Promise<HostSample> {
  const loopDelay = { p99: lateness(delay.percentile(99)), max: lateness(delay.max) };
  delay.reset();
  return {
    load: loadavg(),
    cpus: availableParallelism(),
    memory: { used: totalmem() - freemem(), total: totalmem() },
    disks: await Promise.all(disks.map(diskUsage)),
    loopDelay,
  };
}

function isAlmostFull(disk: Usage): boolean {
  return shareOf(disk) >= fullShare;
}

/** The histogram holds nanoseconds between two looks, one look every `resolutionMs`. */
function lateness(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e6 - resolutionMs));
}

/** As `df` counts: what is reserved for root is neither used nor to be had. */
async function diskUsage(path: string): Promise<HostSample['disks'][number]> {
  const { bsize, blocks, bfree, bavail } = await statfs(path);
  const used = (blocks - bfree) * bsize;
  return { path, used, total: used + bavail * bsize };
}
