import { service, supervisor } from 'daruma';

// A backup that fails now and then, and tells people. What the channels do is no affair of its own.

const backup = service('backup', async (ctx) => {
  const due = ctx.notify.schedule(ctx.now() + 1_500, 'Backup', 'The weekly report is due.');
  ctx.notify.schedule(ctx.now() + 2_500, 'Backup', 'Nobody has read the weekly report.');
  for (let nth = 1; ; nth++) {
    await ctx.sleep('300ms');
    const hasRoom = nth % 3 !== 0;
    // Decided before anybody is told: a channel that fails cannot turn it round.
    if (hasRoom) ctx.notify('Backup complete', `run ${nth}`, { level: 'success', key: 'backup' });
    else ctx.notify('Backup failed', `run ${nth}: no room`, 'error');
    if (nth === 3) ctx.log.info(`the report was called off: ${ctx.notify.cancel(due)}`);
  }
});

/** Ends with a word to people, which is delivered although the system is on its way down. */
const guard = service('guard', {
  start: () => {},
  stop: (ctx) => void ctx.notify('Closing', 'The office closes.', { data: { until: '8:00' } }),
});

export default supervisor('nightly', [guard, backup]);
