import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type PluginContext, plugins, supervisor } from '../../../src/index.ts';
import type { PluginHost } from '../../../src/services/plugins/host.ts';
import type { Permission } from '../../../src/services/plugins/manifest-schema.ts';
import { Lab } from '../../kernel/lab.ts';

/** What a plugin with these permissions, all granted, gets to see. */
async function pluginWith(permissions: readonly Permission[]) {
  const told: string[] = [];
  const app = supervisor('app', [plugins('plugins', { grant: 'all' })]);
  const notify = { channels: [({ title }: { title: string }) => told.push(title)] };
  const lab = await new Lab(app, { storage: 'memory', notify }).start();
  const host = lab.system.ref('app/plugins').value() as PluginHost;
  let ctx: PluginContext | undefined;
  const module = {
    onEnable: (own: PluginContext) => {
      ctx = own;
    },
  };
  const manifest = { name: 'data-sync', version: '1.0.0', type: 'service', permissions } as const;
  await lab.until(host.install({ manifest, module }));
  await lab.until(host.enable('data-sync'));
  return { lab, host, told, ctx: ctx as PluginContext };
}

const denied = (permission: Permission) =>
  expect.objectContaining({
    code: 'DARUMA_PERMISSION_DENIED',
    message: expect.stringContaining(`'${permission}'`),
  });

describe('the permissions of a plugin', () => {
  it('gate reading and writing of its storage apart', async () => {
    const reader = (await pluginWith(['storage-read'])).ctx.storage;
    const writer = (await pluginWith(['storage-write'])).ctx.storage;

    expect(await reader.get('at')).toBeUndefined();
    expect(() => reader.set('at', 1)).toThrow(denied('storage-write'));
    await writer.set('at', 1);
    expect(() => writer.get('at')).toThrow(denied('storage-read'));
    expect(() => writer.transaction(() => 1)).toThrow(denied('storage-read'));
  });

  it('give it storage of its own, which goes with it', async () => {
    const { lab, host, ctx } = await pluginWith(['storage-read', 'storage-write']);
    await ctx.storage.set('at', 1);
    const kept = await ctx.storage.get('at');

    await lab.until(host.uninstall('data-sync'));
    const manifest = { name: 'data-sync', version: '1.0.0', type: 'service' } as const;
    let found: unknown = 'not looked at';
    const onEnable = async (own: PluginContext) => {
      found = await own.storage.get('at');
    };
    const permissions = ['storage-read'] as const;
    await lab.until(host.install({ manifest: { ...manifest, permissions }, module: { onEnable } }));
    await lab.until(host.enable('data-sync'));

    expect([kept, found]).toEqual([1, undefined]);
  });

  it('gate notifications', async () => {
    const allowed = await pluginWith(['notifications']);
    const refused = await pluginWith([]);

    allowed.ctx.notify('hello');
    await allowed.lab.clock.settle();

    expect(allowed.told).toEqual(['hello']);
    expect(() => refused.ctx.notify('hello')).toThrow(denied('notifications'));
    expect(refused.told).toEqual([]);
  });

  it('gate the network, whose requests end with the plugin', async () => {
    const server = createServer(() => {});
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { lab, host, ctx } = await pluginWith(['network-access']);
    const refused = await pluginWith([]);

    await expect(refused.ctx.fetch(url)).rejects.toEqual(denied('network-access'));
    const hanging = ctx.fetch(url).catch((error: unknown) => error);
    await once(server, 'request');
    await lab.until(host.disable('data-sync'));

    expect(await hanging).toMatchObject({ name: 'AbortError', code: 'DARUMA_CANCELLED' });
    server.closeAllConnections();
    server.close();
  });

  it('are refused as a whole where the host does not grant one', async () => {
    const app = supervisor('app', [plugins('plugins', { grant: ['storage-read'] })]);
    const lab = await new Lab(app, { storage: 'memory' }).start();
    const host = lab.system.ref('app/plugins').value() as PluginHost;
    const permissions = ['storage-read', 'network-access'] as const;
    const manifest = { name: 'data-sync', version: '1.0.0', type: 'service', permissions } as const;

    const installed = host.install({ manifest, module: { onEnable: () => {} } });

    await expect(lab.until(installed)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PLUGIN',
      message: expect.stringContaining('it asks for network-access, which is not granted'),
    });
  });
});
