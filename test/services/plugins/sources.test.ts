import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { manifestSchema } from '../../../src/services/plugins/manifest-schema.ts';
import { loadPlugin, type PluginSource } from '../../../src/services/plugins/source.ts';

const manifest = { name: 'data-sync', version: '1.0.0', type: 'service' } as const;
const base = mkdtempSync(join(tmpdir(), 'daruma-plugins-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let folders = 0;

/** A folder with a plugin in it. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(base, String(++folders));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const load = (extra: object, module: unknown = { onEnable: () => {} }) =>
  loadPlugin({ manifest: { ...manifest, ...extra }, module } as PluginSource);

describe('a manifest', () => {
  it.each([
    [{ name: 'x' }, 'name must NOT have fewer than 3 characters'],
    [{ name: 'Data Sync' }, 'name must match pattern'],
    [{ version: 'one' }, 'version must match pattern'],
    [
      { type: 'dashboard-widget' },
      'type must be equal to one of the allowed values: service, hybrid',
    ],
    [{ permissions: ['root'] }, 'permissions.0 must be equal to one of the allowed values'],
    [{ hooks: { onBoot: 'boot' } }, 'hooks must NOT have additional properties: onBoot'],
    [{ permisions: [] }, 'it must NOT have additional properties: permisions'],
    [{ config_schema: { type: 'objekt' } }, 'The config_schema of the plugin data-sync'],
  ])('is refused: %j', async (extra, message) => {
    await expect(load(extra)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PLUGIN',
      message: expect.stringContaining(message),
    });
  });

  it('is refused with all its faults at once', async () => {
    await expect(load({ name: 'x', version: 'one' })).rejects.toThrow(
      /name must NOT[\s\S]*version must match/,
    );
  });

  it('may be of a hybrid plugin: its background part runs', async () => {
    await expect(load({ type: 'hybrid' })).resolves.toMatchObject({ folder: undefined });
  });

  it('has its JSON Schema in the documentation, for editors', () => {
    const published = readFileSync('docs/plugin.schema.json', 'utf8');

    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(manifestSchema)));
  });
});

describe('the module of a plugin', () => {
  it('has hooks under their own names, or under those of the manifest', async () => {
    const calls: string[] = [];
    const module = {
      startService: () => calls.push('startService'),
      onDisable: () => calls.push('onDisable'),
    };

    const { hooks } = await load({ hooks: { onEnable: 'startService' } }, module);
    hooks.onEnable?.({});
    hooks.onDisable?.({});

    expect(calls).toEqual(['startService', 'onDisable']);
  });

  it('may be a class, whose hooks share their fields', async () => {
    class Sync {
      #count = 0;
      onEnable() {
        this.#count++;
      }
      onDisable() {
        return this.#count;
      }
    }

    const { hooks } = await load({}, { default: Sync });
    hooks.onEnable?.({});

    expect(hooks.onDisable?.({})).toBe(1);
  });

  it.each([
    [{ hooks: { onEnable: 'startServise' } }, { startService: () => {} }, 'which the module lacks'],
    [
      { hooks: { onEnable: 'startService' } },
      { startService: () => {}, onEnable: () => {} },
      'hooks.onEnable is startService, and the module has onEnable as well: which is meant?',
    ],
    [{}, { onInstall: () => {} }, 'it has neither onEnable nor run: it would do nothing'],
    [{}, 42, 'it has neither onEnable nor run'],
  ])('is refused when it is not what the manifest says (%#)', async (extra, module, message) => {
    await expect(load(extra, module)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PLUGIN',
      message: expect.stringContaining(message),
    });
  });
});

describe('a plugin in a folder', () => {
  it('is read from its plugin.json and its module', async () => {
    const folder = folderWith({
      'plugin.json': JSON.stringify({ ...manifest, background: 'main.mjs' }),
      'main.mjs': 'export default { onEnable() { return "hello"; } };',
    });

    const loaded = await loadPlugin(folder);

    expect(loaded.folder).toBe(folder);
    expect(loaded.hooks.onEnable?.({})).toBe('hello');
  });

  it('is read anew when its version is another one', async () => {
    const version = (text: string) => ({
      'plugin.json': JSON.stringify({ ...manifest, version: text, background: 'main.mjs' }),
      'main.mjs': `export default { onEnable() { return "${text}"; } };`,
    });
    const folder = folderWith(version('1.0.0'));
    await loadPlugin(folder);
    for (const [name, content] of Object.entries(version('1.1.0'))) {
      writeFileSync(join(folder, name), content);
    }

    const { hooks } = await loadPlugin(folder);

    expect(hooks.onEnable?.({})).toBe('1.1.0');
  });

  it.each([
    [{}, 'ENOENT'],
    [{ 'plugin.json': '{' }, 'The file plugin.json'],
    [{ 'plugin.json': JSON.stringify(manifest) }, 'background is missing'],
    [{ 'plugin.json': JSON.stringify({ ...manifest, background: 'gone.mjs' }) }, 'The module'],
    [
      {
        'plugin.json': JSON.stringify({ ...manifest, background: 'main.mjs' }),
        'main.mjs': 'throw new Error("broken");',
      },
      'broken',
    ],
  ])('is refused when something of it is missing (%#)', async (files, message) => {
    await expect(loadPlugin(folderWith(files))).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PLUGIN',
      message: expect.stringContaining(message),
    });
  });
});
