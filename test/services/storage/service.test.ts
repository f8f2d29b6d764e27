import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../../src/index.ts';
import { realClock } from '../../../src/kernel/clock.ts';
import { Lab } from '../../kernel/lab.ts';
import { freshFile } from './keeper.ts';

/** Notes when it was installed, once, and counts how often it was started. */
const plugin = service('plugin', {
  firstStart: 'fail',
  backoff: { first: 0, max: 0 },
  start: async ({ storage, now, path }) => {
    if (!(await storage.has('installed'))) {
      await storage.transaction(async (tx) => {
        await tx.set('installed', path);
        await tx.set('history', []);
      });
    }
    const history = (await storage.get<number[]>('history')) ?? [];
    history.push(history.length + 1);
    await storage.set('history', history);
    return { history, now };
  },
});
const app = supervisor('app', [plugin]);

describe('a service with storage', () => {
  it('goes on where it was, after its own restart and that of the process', async () => {
    const file = freshFile();
    const first = new Lab(app, { storage: { file } });
    await first.system.start();
    await first.system.ref('app/plugin').restart();
    expect(first.system.value(plugin)?.history).toEqual([1, 2]);
    await first.system.stop();
    const second = new Lab(app, { storage: { file } });
    await second.system.start();

    expect(second.system.value(plugin)?.history).toEqual([1, 2, 3]);
    await second.system.stop();
  });

  it('whose install cannot be stored does not start, and says why', async () => {
    const file = '/proc/daruma/app.sqlite';
    const lab = new Lab(app, { storage: { file }, clock: realClock });
    const error = await lab.system.start().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/plugin' });
    expect((error as Error).cause).toMatchObject({ code: 'DARUMA_STORAGE_UNUSABLE' });
    expect(lab.all('storage-failed')[0]?.error.message).toContain('/proc/daruma/app.sqlite');
  });
});
