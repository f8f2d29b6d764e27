import { describe, expect, it } from 'vitest';
import {
  type LifecycleEvent,
  type PluginContext,
  plugins,
  supervisor,
} from '../../../src/index.ts';
import type { PluginHost } from '../../../src/services/plugins/host.ts';
import type { PluginSource } from '../../../src/services/plugins/source.ts';
import { Lab } from '../../kernel/lab.ts';

const manifest = { name: 'data-sync', version: '1.0.0', type: 'service' } as const;

/** A plugin that writes down which of its hooks were called. */
function recorded(extra: object = {}, more: object = {}) {
  const calls: string[] = [];
  const contexts: PluginContext[] = [];
  const hook = (name: string) => (ctx: PluginContext, before?: unknown) => {
    contexts.push(ctx);
    calls.push(before === undefined ? name : `${name} ${JSON.stringify(before)}`);
  };
  const names = ['onInstall', 'onEnable', 'onDisable', 'onUninstall', 'onUpdate'];
  const module = { ...Object.fromEntries(names.map((name) => [name, hook(name)])), ...extra };
  const source = { manifest: { ...manifest, ...more }, module } as PluginSource;
  return { calls, contexts, source };
}

const fails = () => {
  throw new Error('no');
};

async function hosted(options: object = {}, system: object = {}) {
  const app = supervisor('app', [plugins('plugins', options)]);
  const lab = await new Lab(app, { storage: 'memory', ...system }).start();
  const host = lab.system.ref('app/plugins').value() as PluginHost;
  const run = <Result>(call: Promise<Result>) => lab.until(call);
  const states = () =>
    lab.all('plugin').map((event: LifecycleEvent & { type: 'plugin' }) => event.state);
  return { lab, host, run, states };
}

describe('the life of a plugin', () => {
  it('is installed, enabled, disabled and uninstalled, each with its hook', async () => {
    const { host, run, states } = await hosted();
    const { calls, source } = recorded();

    await run(host.install(source));
    await run(host.enable('data-sync'));
    await run(host.disable('data-sync'));
    await run(host.enable('data-sync'));
    await run(host.uninstall('data-sync'));

    expect(calls).toEqual([
      ...['onInstall', 'onEnable', 'onDisable', 'onEnable'],
      ...['onDisable', 'onUninstall'],
    ]);
    expect(states()).toEqual([
      ...['installed', 'enabling', 'enabled', 'disabling', 'disabled'],
      ...['enabling', 'enabled', 'uninstalling', 'uninstalled'],
    ]);
    expect(host.list()).toEqual([]);
  });

  it('runs below its host while it is enabled, and not beyond', async () => {
    const { lab, host, run } = await hosted();
    await run(host.install(recorded().source));

    const before = lab.system.find('app/plugins/data-sync/service');
    const { path } = await run(host.enable('data-sync'));
    const status = lab.system.find(path)?.status();
    await run(host.disable('data-sync'));

    expect(before).toBeUndefined();
    expect(path).toBe('app/plugins/data-sync/service');
    expect(status).toBe('running');
    expect(lab.system.find(path)).toBeUndefined();
  });

  it('ends with the system, by its disable hook, and leaves nothing behind', async () => {
    const { lab, host, run } = await hosted();
    const { calls, source } = recorded();
    await run(host.install(source));
    await run(host.enable('data-sync'));

    await lab.stop();

    expect(calls.at(-1)).toBe('onDisable');
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['enable', 'enabled'],
    ['disable', 'installed'],
  ] as const)('refuses to %s when it is %s', async (command, state) => {
    const { host, run } = await hosted();
    await run(host.install(recorded().source));
    if (state === 'enabled') await run(host.enable('data-sync'));

    await expect(run(host[command]('data-sync'))).rejects.toMatchObject({
      code: 'DARUMA_PLUGIN_STATE',
      message: `The plugin data-sync is ${state}: it cannot ${command} now.`,
    });
  });

  it('carries out commands that come at once one after the other', async () => {
    const { host, run } = await hosted();
    const { calls, source } = recorded();
    await run(host.install(source));

    const all = [host.enable('data-sync'), host.disable('data-sync'), host.enable('data-sync')];
    await run(Promise.all(all));

    expect(calls.slice(1)).toEqual(['onEnable', 'onDisable', 'onEnable']);
    expect(host.get('data-sync')?.state).toBe('enabled');
  });

  it('knows nothing of a plugin that is not installed', async () => {
    const { host, run } = await hosted();

    await expect(run(host.enable('other'))).rejects.toMatchObject({ code: 'DARUMA_NOT_FOUND' });
    expect(host.get('other')).toBeUndefined();
  });
});

describe('a plugin that fails', () => {
  it('is not installed when its install hook fails', async () => {
    const { host, run } = await hosted();

    const installed = host.install(recorded({ onInstall: fails }).source);

    await expect(run(installed)).rejects.toMatchObject({ code: 'DARUMA_START_FAILED' });
    expect(host.list()).toEqual([]);
  });

  it('is disabled again when enabling fails, with everything that it had started given back', async () => {
    const { lab, host, run } = await hosted();
    const given: string[] = [];
    const onEnable = (ctx: PluginContext) => {
      ctx.defer(() => given.push('given back'));
      throw new Error('no sync today');
    };
    await run(host.install(recorded({ onEnable }).source));

    await expect(run(host.enable('data-sync'))).rejects.toThrow('no sync today');

    expect(host.get('data-sync')).toMatchObject({ state: 'disabled' });
    expect(given).toEqual(['given back']);
    expect(lab.system.find('app/plugins/data-sync')).toBeUndefined();
  });

  it('is given up after too many errors, without its host or another plugin', async () => {
    const { lab, host, run } = await hosted({ intensity: 3 });
    const run1 = async (ctx: PluginContext) => {
      await ctx.sleep('1s');
      throw new Error('lost');
    };
    await run(host.install(recorded({ run: run1 }).source));
    await run(host.install(recorded({}, { name: 'other-one' }).source));
    await run(host.enable('data-sync'));
    await run(host.enable('other-one'));

    await lab.clock.advance(60_000);

    expect(host.get('data-sync')).toMatchObject({ state: 'error', error: { message: 'lost' } });
    expect(host.get('data-sync')?.error).toBeInstanceOf(Error);
    expect(lab.all('plugin').at(-1)).toMatchObject({ state: 'error', error: { message: 'lost' } });
    expect(host.get('other-one')?.state).toBe('enabled');
    expect(lab.system.ref('app/plugins').status()).toBe('running');
    expect(lab.system.ref('app/plugins').incarnation()).toBe(1);
  });

  it('can be enabled again after it was given up', async () => {
    const { lab, host, run } = await hosted({ intensity: 0 });
    let isBroken = true;
    const body = async (ctx: PluginContext) => {
      await ctx.sleep(10);
      if (isBroken) throw new Error('lost');
      await ctx.sleep('1d');
    };
    await run(host.install(recorded({ run: body }).source));
    await run(host.enable('data-sync'));
    await lab.clock.advance(100);
    isBroken = false;

    await run(host.enable('data-sync'));
    await lab.clock.advance(1_000);

    expect(host.get('data-sync')).toMatchObject({ state: 'enabled', error: undefined });
  });

  it('hangs no longer than its hooks may take', async () => {
    const { host, run } = await hosted({ hookWithin: '2s' });
    await run(host.install(recorded({ onEnable: () => new Promise(() => {}) }).source));

    await expect(run(host.enable('data-sync'))).rejects.toMatchObject({
      code: 'DARUMA_START_TIMEOUT',
    });
    expect(host.get('data-sync')?.state).toBe('disabled');
  });
});

describe('an update', () => {
  it('stops the old version, migrates, and runs the new one', async () => {
    const { host, run } = await hosted();
    const old = recorded();
    const next = recorded({}, { version: '2.0.0' });
    await run(host.install(old.source));
    await run(host.enable('data-sync'));

    const view = await run(host.update('data-sync', next.source));

    expect(old.calls).toEqual(['onInstall', 'onEnable', 'onDisable']);
    expect(next.calls).toEqual(['onUpdate "1.0.0"', 'onEnable']);
    expect(view).toMatchObject({ version: '2.0.0', state: 'enabled' });
  });

  it('leaves a plugin that did not run at rest', async () => {
    const { host, run } = await hosted();
    await run(host.install(recorded().source));

    const view = await run(host.update('data-sync', recorded({}, { version: '2.0.0' }).source));

    expect(view).toMatchObject({ version: '2.0.0', state: 'disabled' });
  });

  it('that fails leaves it in error, from which it can be tried again', async () => {
    const { host, run } = await hosted();
    await run(host.install(recorded().source));
    await run(host.enable('data-sync'));
    const broken = recorded({ onUpdate: fails }, { version: '2.0.0' }).source;

    await expect(run(host.update('data-sync', broken))).rejects.toThrow('no');
    const state = host.get('data-sync')?.state;
    const view = await run(host.update('data-sync', recorded({}, { version: '2.0.1' }).source));

    expect(state).toBe('error');
    expect(view).toMatchObject({ version: '2.0.1', state: 'enabled' });
  });

  it('is refused before anything happens when it is of another plugin', async () => {
    const { host, run } = await hosted();
    await run(host.install(recorded().source));

    const update = host.update('data-sync', recorded({}, { name: 'other-one' }).source);

    await expect(run(update)).rejects.toMatchObject({ code: 'DARUMA_INVALID_PLUGIN' });
    expect(host.get('data-sync')?.version).toBe('1.0.0');
  });
});

describe('the configuration of a plugin', () => {
  const configured = {
    config_schema: {
      type: 'object',
      properties: { interval: { type: 'number', minimum: 1_000 }, url: { type: 'string' } },
      additionalProperties: false,
    },
    default_config: { interval: 5_000 },
  };

  it('is its defaults with what was given on top', async () => {
    const { host, run } = await hosted();
    const { contexts, source } = recorded({}, configured);

    await run(host.install(source, { config: { url: 'http://a' } }));

    expect(contexts[0]?.config).toEqual({ interval: 5_000, url: 'http://a' });
  });

  it('is refused with everything that is wrong, before anything happens', async () => {
    const { host, run } = await hosted();
    const { calls, source } = recorded({}, configured);

    const installed = host.install(source, { config: { interval: 0, urll: 'http://a' } });

    await expect(run(installed)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PLUGIN',
      message: expect.stringMatching(/interval must be >= 1000[\s\S]*urll|urll[\s\S]*interval/),
    });
    expect(calls).toEqual([]);
  });

  it('changes by a restart of the service where the plugin has no hook for it', async () => {
    const { host, run } = await hosted();
    const { calls, contexts, source } = recorded({}, configured);
    await run(host.install(source));
    await run(host.enable('data-sync'));

    await run(host.configure('data-sync', { interval: 2_000 }));

    expect(calls.slice(1)).toEqual(['onEnable', 'onDisable', 'onEnable']);
    expect(contexts.at(-1)?.config).toEqual({ interval: 2_000 });
  });

  it('changes in place where the plugin has a hook for it, which sees the old one', async () => {
    const { host, run } = await hosted();
    const seen: unknown[] = [];
    const onConfigChange = (ctx: PluginContext, before: unknown) => seen.push(before, ctx.config);
    const { calls, source } = recorded({ onConfigChange }, configured);
    await run(host.install(source));
    await run(host.enable('data-sync'));

    await run(host.configure('data-sync', { interval: 2_000 }));

    expect(seen).toEqual([{ interval: 5_000 }, { interval: 2_000 }]);
    expect(calls).toEqual(['onInstall', 'onEnable']);
  });

  it('is put back when the plugin cannot live with it', async () => {
    const { host, run } = await hosted();
    const onEnable = (ctx: PluginContext) => {
      if (ctx.config.interval === 2_000) throw new Error('too fast');
    };
    await run(host.install(recorded({ onEnable }, configured).source));
    await run(host.enable('data-sync'));

    await expect(run(host.configure('data-sync', { interval: 2_000 }))).rejects.toThrow('too fast');

    expect(host.get('data-sync')).toMatchObject({ state: 'enabled', config: { interval: 5_000 } });
  });
});
