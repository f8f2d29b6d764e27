import { describe, expect, it } from 'vitest';
import { cron } from '../../../src/index.ts';
import { Stage } from '../schedules/stage.ts';

/** Backs up every night in three steps, keeps the newest, and tells people how it went. */
function backup(steps: string[], stored: string[], keep: number, failing?: string) {
  const step = async (name: string) => {
    if (name === failing) throw new Error(`${name}: disk full`);
    steps.push(name);
  };
  return cron('backup', '0 2 * * *', async (ctx) => {
    try {
      for (const name of ['collect', 'compress', 'upload']) await step(name);
      stored.push(ctx.due.toISOString().slice(0, 10));
      stored.splice(0, stored.length - keep);
    } catch (error) {
      ctx.notify('Backup failed', (error as Error).message, { level: 'error' });
      throw error;
    }
    ctx.notify('Backup complete', `${keep} are kept`, { level: 'success' });
  });
}

const day = 24 * 3_600_000;

async function nights(count: number, keep = 7, failing?: string) {
  const steps: string[] = [];
  const stored: string[] = [];
  const told: string[] = [];
  const channel = ({ level, title, message }: { level: string; title: string; message?: string }) =>
    told.push(`${level}: ${title}, ${message}`);
  const job = backup(steps, stored, keep, failing);
  const stage = await new Stage([job], { notify: { channels: [channel] } }).start();
  await stage.clock.advance(count * day);
  const statuses = stage.all('schedule-run').map(({ status }) => status);
  const before = { steps: [...steps], stored: [...stored], told: [...told], statuses };
  await stage.stop();
  return before;
}

describe('a nightly backup', () => {
  it('takes its steps in order, and tells people that it is complete', async () => {
    expect(await nights(1)).toMatchObject({
      steps: ['collect', 'compress', 'upload'],
      told: ['success: Backup complete, 7 are kept'],
      statuses: ['started', 'completed'],
    });
  });

  it('takes no step after one that fails, and tells people of what', async () => {
    expect(await nights(1, 7, 'compress')).toMatchObject({
      steps: ['collect'],
      stored: [],
      told: ['error: Backup failed, compress: disk full'],
      statuses: ['started', 'failed'],
    });
  });

  it('keeps as many as it was told, the newest', async () => {
    const all = (await nights(5)).stored;
    const kept = (await nights(5, 2)).stored;

    expect(all).toHaveLength(5);
    expect(kept).toEqual(all.slice(-2));
  });
});
