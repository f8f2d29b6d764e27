import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../events.ts';
import { invalidPluginError } from './errors.ts';
import { type HookName, hookNames, type PluginManifest } from './manifest-schema.ts';
import { checkedManifest } from './validation.ts';

/** A folder with a `plugin.json`, or a manifest with the module that it stands for. */
export type PluginSource = string | { readonly manifest: PluginManifest; readonly module: unknown };

export type PluginHook = (ctx: unknown, before?: unknown) => unknown;

/** A plugin that can be used: its manifest is valid, its hooks are there. */
export interface LoadedPlugin {
  readonly manifest: PluginManifest;
  readonly hooks: Readonly<Partial<Record<HookName | 'run', PluginHook>>>;
  /** Where it was read from; undefined for one that came with the program. */
  readonly folder: string | undefined;
}

/** @throws DARUMA_INVALID_PLUGIN */
export async function loadPlugin(source: PluginSource): Promise<LoadedPlugin> {
  if (typeof source !== 'string') {
    const manifest = checkedManifest(source.manifest);
    return { manifest, hooks: hooksOf(manifest, source.module), folder: undefined };
  }
  const folder = resolve(source);
  const manifest = checkedManifest(await readManifest(folder));
  if (manifest.background === undefined) {
    throw invalidPluginError(manifest.name, 'The manifest', [
      'background is missing: the module that exports the service',
    ]);
  }
  const url = pathToFileURL(resolve(folder, manifest.background));
  // Node keeps what it has imported: another version has to have another address.
  url.searchParams.set('version', manifest.version);
  const module: unknown = await import(url.href).catch((error: unknown) => {
    throw invalidPluginError(
      manifest.name,
      'The module',
      [messageOf(error)],
      `Is ${url.pathname} there?`,
    );
  });
  return { manifest, hooks: hooksOf(manifest, module), folder };
}

async function readManifest(folder: string): Promise<unknown> {
  const file = resolve(folder, 'plugin.json');
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalidPluginError(folder, 'The file plugin.json', [messageOf(error)]);
  }
}

/**
 * The functions behind the hooks: what the manifest names, or else the hook's own name; of the
 * default export, which may be a class, or of the module.
 */
function hooksOf(manifest: PluginManifest, module: unknown): LoadedPlugin['hooks'] {
  const exported = fields(module);
  const main = instanceOf('default' in exported ? exported.default : module);
  const find = (name: string): PluginHook | undefined => {
    const method = fields(main)[name];
    if (typeof method === 'function') return (ctx, before) => method.call(main, ctx, before);
    const fn = exported[name];
    return typeof fn === 'function' ? (ctx, before) => fn(ctx, before) : undefined;
  };
  const faults: string[] = [];
  const hooks: Partial<Record<HookName | 'run', PluginHook>> = {};
  for (const name of hookNames) {
    const named = manifest.hooks?.[name];
    if (named !== undefined && named !== name && find(name)) {
      faults.push(`hooks.${name} is ${named}, and the module has ${name} as well: which is meant?`);
    }
    const hook = find(named ?? name);
    if (hook) hooks[name] = hook;
    else if (named !== undefined) faults.push(`hooks.${name} is ${named}, which the module lacks`);
  }
  const run = find('run');
  if (run) hooks.run = run;
  if (!run && !hooks.onEnable) faults.push('it has neither onEnable nor run: it would do nothing');
  if (faults.length > 0) throw invalidPluginError(manifest.name, 'The module', faults);
  return hooks;
}

function fields(value: unknown): Record<string, unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? (value as Record<string, unknown>) : {};
}

function instanceOf(value: unknown): unknown {
  if (typeof value !== 'function' || !/^class\b/.test(String(value))) return value;
  return new (value as new () => unknown)();
}
