import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { createSystem, plugins, supervisor } from '../../../src/index.ts';
import type { PluginHost } from '../../../src/services/plugins/host.ts';

const base = mkdtempSync(join(tmpdir(), 'daruma-lasting-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const folder = join(base, 'data-sync');
mkdirSync(folder);
writeFileSync(
  join(folder, 'plugin.json'),
  JSON.stringify({ name: 'data-sync', version: '1.0.0', type: 'service', background: 'main.mjs' }),
);
writeFileSync(join(folder, 'main.mjs'), 'export default { onEnable() {} };');

const manifest = { name: 'bundled-one', version: '1.0.0', type: 'service' } as const;
const bundled = [{ manifest, module: { onEnable: () => {} } }];

/** A system on a real file, for as long as `use` takes. */
async function session(file: string, use: (host: PluginHost) => Promise<unknown>) {
  const host = plugins('plugins', { bundled });
  const logger = pino({ level: 'silent' });
  await using system = createSystem(supervisor('app', [host]), {
    logger,
    env: {},
    storage: { file: join(base, file) },
  });
  await system.start();
  return await use(system.value(host) as PluginHost);
}

const statesOf = (host: PluginHost) =>
  Object.fromEntries(host.list().map(({ name, state }) => [name, state]));

describe('plugins after a restart of the process', () => {
  it('are as they were: installed from a folder, enabled, configured', async () => {
    await session('kept.sqlite', async (host) => {
      await host.install(folder, { config: { interval: 7 } });
      await host.enable('data-sync');
    });

    await session('kept.sqlite', async (host) => {
      expect(host.get('data-sync')).toMatchObject({ state: 'enabled', config: { interval: 7 } });
    });
  });

  it('that come with the program are enabled, until somebody decides otherwise', async () => {
    const first = await session('bundled.sqlite', async (host) => {
      const states = statesOf(host);
      await host.disable('bundled-one');
      return states;
    });
    const second = await session('bundled.sqlite', async (host) => {
      const states = statesOf(host);
      await host.uninstall('bundled-one');
      return states;
    });
    const third = await session('bundled.sqlite', async (host) => statesOf(host));

    expect([first, second, third]).toEqual([
      { 'bundled-one': 'enabled' },
      { 'bundled-one': 'installed' },
      {},
    ]);
  });

  it('are left out when they cannot be read any more, without the others', async () => {
    const gone = join(base, 'gone');
    mkdirSync(gone);
    const other = { name: 'other-one', version: '1.0.0', type: 'service', background: 'main.mjs' };
    writeFileSync(join(gone, 'plugin.json'), JSON.stringify(other));
    writeFileSync(join(gone, 'main.mjs'), 'export default { onEnable() {} };');
    await session('gone.sqlite', async (host) => {
      await host.install(gone);
      await host.enable('other-one');
    });
    rmSync(gone, { recursive: true });

    const states = await session('gone.sqlite', async (host) => statesOf(host));

    expect(states).toEqual({ 'bundled-one': 'enabled' });
  });
});
