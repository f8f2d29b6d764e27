import type { Context } from '../../define/context.ts';
import { errorInfo } from '../../events.ts';
import type { PluginState } from '../../happenings/plugins.ts';
import { invalidPluginError, unknownPluginError } from './errors.ts';
import { type Permission, type PluginManifest, permissions } from './manifest-schema.ts';
import { Plugin, type PluginPolicy } from './plugin.ts';
import { type LoadedPlugin, loadPlugin, type PluginSource } from './source.ts';
import { checkedConfig } from './validation.ts';

/** A plugin as people see it. */
export interface PluginView {
  readonly name: string;
  readonly version: string;
  readonly state: PluginState;
  readonly permissions: readonly Permission[];
  readonly config: Readonly<Record<string, unknown>>;
  /** What it failed of last. */
  readonly error: unknown;
  /** The path of its service while it is enabled. */
  readonly path: string;
}

export interface InstallOptions {
  /** On top of the defaults of its manifest. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * What a service made by `plugins()` makes ready. All calls that change something resolve when it
 * is done, and reject with what it failed of; then it has been rolled back.
 */
export interface PluginHost {
  /** Checks and installs a plugin; nothing of it runs before it is enabled. */
  install(source: PluginSource, options?: InstallOptions): Promise<PluginView>;
  enable(name: string): Promise<PluginView>;
  disable(name: string): Promise<PluginView>;
  /** Stops it, runs its uninstall hook, and deletes what it stored. */
  uninstall(name: string): Promise<void>;
  /** Puts another version in its place; it runs again if it did. */
  update(name: string, source: PluginSource): Promise<PluginView>;
  /** Replaces its configuration: what is not given has its default. */
  configure(name: string, config: Readonly<Record<string, unknown>>): Promise<PluginView>;
  get(name: string): PluginView | undefined;
  list(): PluginView[];
}

export interface HostPolicy extends PluginPolicy {
  /** Installed and enabled with the host, unless they have been disabled or uninstalled. */
  readonly bundled: readonly PluginSource[];
  readonly grant: readonly Permission[] | 'all';
}

/** What is kept of a plugin across restarts of the process. */
interface Kept {
  readonly state: 'installed' | 'enabled' | 'disabled' | 'uninstalled';
  readonly config: Readonly<Record<string, unknown>>;
  readonly folder: string | null;
}

const keptAs = (name: string) => `plugin/${name}`;

/** The plugins of one host, for one incarnation of it. */
export class LivePluginHost implements PluginHost {
  readonly #ctx: Context;
  readonly #policy: HostPolicy;
  readonly #plugins = new Map<string, Plugin>();
  /** Names on their way in. */
  readonly #reserved = new Set<string>();

  constructor(ctx: Context, policy: HostPolicy) {
    this.#ctx = ctx;
    this.#policy = policy;
  }

  /** Brings back what was installed, and what comes with the program. One that fails is left out. */
  async open(): Promise<void> {
    const { storage, log } = this.#ctx;
    const kept = await storage.list<Kept>({ prefix: 'plugin/', limit: 10_000 });
    const known = new Map(kept.map(({ key, value }) => [key.slice('plugin/'.length), value]));
    const folders = [...known.values()].flatMap(({ state, folder }) =>
      state === 'uninstalled' || folder === null ? [] : [folder],
    );
    const sources = [...this.#policy.bundled, ...folders];
    await Promise.all(
      sources.map(async (source) => {
        try {
          await this.#bring(await loadPlugin(source), known);
        } catch (error) {
          log.error({ err: errorInfo(error) }, 'a plugin could not be brought back');
        }
      }),
    );
  }

  async install(source: PluginSource, options: InstallOptions = {}): Promise<PluginView> {
    const loaded = await loadPlugin(source);
    const plugin = await this.#add(loaded, options.config ?? {}, true);
    await this.#keep(plugin);
    return this.#viewOf(plugin);
  }

  async enable(name: string): Promise<PluginView> {
    return await this.#command(name, (plugin) => plugin.command('enable'));
  }

  async disable(name: string): Promise<PluginView> {
    return await this.#command(name, (plugin) => plugin.command('disable'));
  }

  async uninstall(name: string): Promise<void> {
    const plugin = this.#find(name);
    await plugin.command('uninstall').finally(async () => {
      if (plugin.state !== 'uninstalled') return;
      this.#plugins.delete(name);
      await this.#keep(plugin);
    });
  }

  async update(name: string, source: PluginSource): Promise<PluginView> {
    const plugin = this.#find(name);
    const loaded = await loadPlugin(source);
    const { manifest } = loaded;
    if (manifest.name !== name) {
      const fault = `it is ${manifest.name}, and ${name} is to be updated`;
      throw invalidPluginError(manifest.name, 'The manifest', [fault]);
    }
    this.#mustGrant(manifest);
    const config = checkedConfig(manifest, plugin.config);
    return await this.#command(name, () => plugin.command('update', { loaded, config }));
  }

  async configure(name: string, config: Readonly<Record<string, unknown>>): Promise<PluginView> {
    const plugin = this.#find(name);
    const checked = checkedConfig(plugin.loaded.manifest, config);
    return await this.#command(name, () => plugin.command('configure', { config: checked }));
  }

  get(name: string): PluginView | undefined {
    const plugin = this.#plugins.get(name);
    return plugin && this.#viewOf(plugin);
  }

  list(): PluginView[] {
    return [...this.#plugins.values()].map((plugin) => this.#viewOf(plugin));
  }

  /** @param isNew its install hook is run */
  async #add(
    loaded: LoadedPlugin,
    given: Readonly<Record<string, unknown>>,
    isNew: boolean,
  ): Promise<Plugin> {
    const { manifest } = loaded;
    const { name } = manifest;
    if (this.#plugins.has(name) || this.#reserved.has(name)) {
      const fault = `the name ${name} is taken by a plugin that is installed; update that instead`;
      throw invalidPluginError(name, 'The manifest', [fault]);
    }
    this.#mustGrant(manifest);
    const config = checkedConfig(manifest, given);
    this.#reserved.add(name);
    try {
      const { onInstall: _, ...later } = loaded.hooks;
      const used = isNew ? loaded : { ...loaded, hooks: later };
      const plugin = new Plugin(this.#ctx, this.#policy, used, config);
      await plugin.installed();
      this.#plugins.set(name, plugin);
      return plugin;
    } finally {
      this.#reserved.delete(name);
    }
  }

  async #bring(loaded: LoadedPlugin, known: ReadonlyMap<string, Kept>): Promise<void> {
    const { name } = loaded.manifest;
    const kept = known.get(name);
    if (kept?.state === 'uninstalled') return;
    const plugin = await this.#add(loaded, kept?.config ?? {}, kept === undefined);
    if (kept === undefined || kept.state === 'enabled') {
      await plugin.command('enable').catch(() => {});
    }
    if (kept === undefined) await this.#keep(plugin);
  }

  async #command(name: string, call: (plugin: Plugin) => Promise<unknown>): Promise<PluginView> {
    const plugin = this.#find(name);
    try {
      await call(plugin);
    } finally {
      await this.#keep(plugin);
    }
    return this.#viewOf(plugin);
  }

  #find(name: string): Plugin {
    const plugin = this.#plugins.get(name);
    if (plugin) return plugin;
    throw unknownPluginError(this.#ctx.path, name, [...this.#plugins.keys()]);
  }

  /** Written down after every change, so that the next start finds it as it was. */
  async #keep(plugin: Plugin): Promise<void> {
    const { state, config, loaded } = plugin;
    const kept: Kept = {
      state:
        state === 'enabled' || state === 'installed' || state === 'uninstalled'
          ? state
          : 'disabled',
      config,
      folder: loaded.folder ?? null,
    };
    const { name } = loaded.manifest;
    const isForgotten = state === 'uninstalled' && loaded.folder !== undefined;
    if (isForgotten) await this.#ctx.storage.delete(keptAs(name));
    else await this.#ctx.storage.set(keptAs(name), kept);
  }

  #mustGrant({ name, permissions: wanted = [] }: PluginManifest): void {
    const { grant } = this.#policy;
    const granted = grant === 'all' ? permissions : grant;
    const missing = wanted.filter((permission) => !granted.includes(permission));
    if (missing.length === 0) return;
    const faults = missing.map((permission) => `it asks for ${permission}, which is not granted`);
    const hint = `plugins('${this.#ctx.path.split('/').at(-1)}', { grant: [${missing.map((one) => `'${one}'`).join(', ')}, ...] }) grants it.`;
    throw invalidPluginError(name, 'The manifest', faults, hint);
  }

  #viewOf(plugin: Plugin): PluginView {
    const { manifest } = plugin.loaded;
    return {
      name: manifest.name,
      version: manifest.version,
      state: plugin.state,
      permissions: manifest.permissions ?? [],
      config: plugin.config,
      error: plugin.failure,
      path: plugin.path,
    };
  }
}

/** Opens a host: what `plugins()` makes ready. */
export async function openHost(ctx: Context, policy: HostPolicy): Promise<PluginHost> {
  const host = new LivePluginHost(ctx, policy);
  await host.open();
  return host;
}
