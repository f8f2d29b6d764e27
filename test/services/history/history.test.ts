import { describe, expect, it } from 'vitest';
import { createSystem, service, supervisor } from '../../../src/index.ts';
import { silentLogger } from '../../../src/testing/silent-logger.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';
import { codeOf, freshFile } from '../storage/keeper.ts';

const waits = (name: string) => service(name, { start: () => {} });

describe('system.history', () => {
  it('has what happened, the latest first, page by page', async () => {
    const app = supervisor('app', [waits('one'), waits('two')]);
    const lab = await new Lab(app, { storage: 'memory', history: true }).start();
    await lab.clock.advance(200);

    const all = await lab.system.history();
    const types = all.map(({ event }) => `${event.path} ${event.type}`);
    expect(types.indexOf('app/one ready')).toBeGreaterThan(types.indexOf('app/two ready'));
    const [latest, next] = all;
    expect(await lab.system.history({ limit: 1 })).toEqual([latest]);
    const before = latest?.number ?? 0;
    expect(await lab.system.history({ limit: 1, before })).toEqual([next]);
  });

  it('has what happened to one place and below it', async () => {
    const app = supervisor('app', [supervisor('edge', [waits('one')]), waits('edge2')]);
    const lab = await new Lab(app, { storage: 'memory', history: true }).start();
    await lab.clock.advance(200);

    const found = await lab.system.history({ path: 'app/edge' });
    expect(new Set(found.map(({ event }) => event.path))).toEqual(
      new Set(['app/edge', 'app/edge/one']),
    );
  });

  it('forgets what is older than it is to keep', async () => {
    const puppet = new Puppet();
    const app = supervisor('app', [service('feed', puppet.body), waits('other')]);
    const lab = await new Lab(app, { storage: 'memory', history: { keep: '1h' } }).start();
    await lab.clock.advance(200);
    const [oldest] = (await lab.system.history()).slice(-1);
    await lab.clock.advance(3_600_001);

    for (let times = 0; times < 20; times++) {
      puppet.life.fail(new Error('no'));
      await lab.clock.advance(60_000);
    }

    const left = await lab.system.history({ limit: 1_000 });
    expect(left.map(({ number }) => number)).not.toContain(oldest?.number);
  });

  it('keeps what happened before a stop for the next life of the process', async () => {
    const storage = { file: freshFile() };
    const app = supervisor('app', [waits('one')]);
    const first = createSystem(app, { storage, history: true, logger: silentLogger });
    await first.start();
    await first.stop();
    const second = await createSystem(app, {
      storage,
      history: true,
      logger: silentLogger,
    }).start();

    const past = await second.history({ limit: 1_000 });
    await second.stop();
    expect(past.map(({ event }) => event.type)).toContain('stop-requested');
  });

  it('goes on when the storage did not work for a while', async () => {
    const app = supervisor('app', [waits('one')]);
    const lab = new Lab(app, { storage: { file: '/dev/null/nowhere.sqlite' }, history: true });
    await lab.start();
    await lab.clock.advance(30_000);

    expect(await codeOf(lab.system.history())).toMatch(/^DARUMA_STORAGE_/);
  });

  it('refuses to be asked where it is off, and options that it does not know', async () => {
    const app = supervisor('app', [waits('one')]);

    expect(await codeOf(createSystem(app).history())).toBe('DARUMA_HISTORY_OFF');
    expect(() => createSystem(app, { history: { keeps: '1h' } as object })).toThrow(
      'there is no option history.keeps',
    );
    expect(() => createSystem(app, { history: { keep: 'soon' as '1h' } })).toThrow(
      /history.keep is 'soon'/,
    );
  });
});
