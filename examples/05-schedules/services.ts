import { at, cron, every, type RunContext, scheduler, service, supervisor } from 'daruma';

/** What is kept of the backups: the newest three. */
const retention = 3;
const backups: string[] = [];

/**
 * A pipeline of three steps. Any of them may fail; the run is tried again then, and only what failed
 * three times is a failed backup. Telling somebody is another matter: it comes when the outcome is
 * known, and cannot change it.
 */
async function backUp(ctx: RunContext): Promise<void> {
  const data = await collect(ctx);
  const archive = await compress(ctx, data);
  backups.unshift(archive);
  backups.splice(retention);
  ctx.log.info(`backup complete: ${archive}; ${backups.length} kept`);
}

async function collect(ctx: RunContext): Promise<string> {
  await ctx.sleep('100ms');
  if (ctx.run === 2 && ctx.attempt === 1) throw new Error('the disk was busy');
  return `data-${ctx.run}`;
}

async function compress(ctx: RunContext, data: string): Promise<string> {
  await ctx.sleep('100ms');
  return `${data}.tar.gz`;
}

const backup = every(
  'backup',
  '2s',
  { immediately: true, timeout: '1s', retry: { maxAttempts: 3, backoff: { first: '200ms' } } },
  backUp,
);

/** A second's worth of cron: with six fields the first one is the second. */
const cleanup = cron('cleanup', '*/3 * * * * *', { timezone: 'Europe/Zurich' }, (ctx) => {
  ctx.log.info('cleans up');
});

/** Takes longer than its period: every other tick is skipped, and it never runs twice at a time. */
const slow = every('slow', '1s', async (ctx) => {
  ctx.log.info(`slow run ${ctx.run}`);
  await ctx.sleep('1.5s');
});

/** Once, and over: a second and a half after the start. */
const opening = at(
  'opening',
  (ctx) => ctx.now() + 1_500,
  (ctx) => ctx.log.info('opens its doors'),
);

/** Schedules that come and go while the system runs. */
const jobs = scheduler('jobs');

const guests = service('guests', { needs: { jobs }, restart: 'transient' }, async (ctx) => {
  const greet = (guest: RunContext) => guest.log.info('greets a guest');
  await ctx.needs.jobs.schedule('greeting', { every: '700ms', run: greet });
  await ctx.sleep('3s');
  await ctx.needs.jobs.unschedule('greeting');
  ctx.log.info('the last guest has left');
});

export default supervisor('office', { start: 'parallel' }, [
  backup,
  cleanup,
  slow,
  opening,
  jobs,
  guests,
]);
