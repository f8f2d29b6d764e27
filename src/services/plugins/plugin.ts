import type { AnyActor } from 'xstate';
import { type PluginEvent, type PluginHands, pluginMachine } from '../../../actors/plugin.ts';
import type { Context, Spawned } from '../../define/context.ts';
import type { AnyService } from '../../define/definition.ts';
import { service } from '../../define/service.ts';
import { supervisor } from '../../define/supervisor.ts';
import { errorInfo } from '../../events.ts';
import type { PluginState } from '../../happenings/plugins.ts';
import { type Backstage, backstage } from '../../kernel/backstage.ts';
import { pluginStateError } from './errors.ts';
import { type PluginContext, pluginContext } from './plugin-context.ts';
import type { LoadedPlugin, PluginHook } from './source.ts';

/** How long hooks may take, and how often a plugin's service may fail. */
export interface PluginPolicy {
  readonly hookWithinMs: number;
  readonly intensity: number;
  readonly periodMs: number;
}

type Config = Readonly<Record<string, unknown>>;

interface Change {
  readonly loaded?: LoadedPlugin;
  readonly config?: Config;
}

const atRest: readonly PluginState[] = ['installed', 'enabled', 'disabled', 'error', 'uninstalled'];
/** Of the service below the supervisor of a plugin. */
const serviceName = 'service';

/**
 * One plugin of a host: does what its chart decides. Its service runs below a supervisor of its own,
 * `<host>/<plugin>/service`, so that one that keeps failing is given up without anybody else.
 * One-shot hooks run in the same place, so that they see the same storage.
 */
export class Plugin implements PluginHands {
  readonly #ctx: Context;
  readonly #stage: Backstage;
  readonly #policy: PluginPolicy;
  readonly #actor: AnyActor;
  #loaded: LoadedPlugin;
  #config: Config;
  #change: Change = {};
  #spawned: Spawned | undefined;
  /** What the latest step failed of. */
  #failure: unknown;
  #settle: ((failure: unknown) => void) | undefined;
  /** Commands are carried out one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ctx: Context, policy: PluginPolicy, loaded: LoadedPlugin, config: Config) {
    this.#ctx = ctx;
    this.#stage = backstage(ctx);
    this.#policy = policy;
    this.#loaded = loaded;
    this.#config = config;
    const { name } = loaded.manifest;
    this.#actor = this.#stage.hire(pluginMachine, {
      id: `${ctx.path}.plugin.${name}`,
      input: { hands: this },
      onChange: () => this.#noteState(),
    });
    const forget = this.#stage.kernel.journal.listen((event) => {
      if (event.type !== 'failed' || event.path !== this.path) return;
      this.#failure = event.error && Object.assign(new Error(), event.error);
      void this.#stop().then(() => this.#tell({ type: 'fell' }));
    });
    this.#stage.defer(forget);
    // Nobody waits for a host that is going down.
    this.#stage.onCancel(() => this.#settle?.(this.#stage.cancelReason));
  }

  get loaded(): LoadedPlugin {
    return this.#loaded;
  }

  get config(): Config {
    return this.#config;
  }

  get state(): PluginState {
    return this.#actor.getSnapshot().value as PluginState;
  }

  /** What it failed of last; undefined while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The path of its service. */
  get path(): string {
    return `${this.#ctx.path}/${this.#loaded.manifest.name}/${serviceName}`;
  }

  /** Resolves when its installation is over. @throws what the install hook threw */
  installed(): Promise<void> {
    this.#last = this.#outcome();
    return this.#last as Promise<void>;
  }

  /**
   * Carries out a command after those before it.
   *
   * @throws DARUMA_PLUGIN_STATE where its state does not allow it; what the step failed of
   */
  command(type: Exclude<PluginEvent['type'], 'done' | 'failed' | 'fell'>, change: Change = {}) {
    const run = async () => {
      const event = { type };
      if (!this.#actor.getSnapshot().can(event)) {
        throw pluginStateError(this.#ctx.path, this.#loaded.manifest.name, type, this.state);
      }
      this.#change = change;
      const outcome = this.#outcome();
      this.#tell(event);
      await outcome;
    };
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => {});
    return result;
  }

  // What its chart decides.

  install(): void {
    this.#step(() => this.#once(this.#loaded.hooks.onInstall));
  }

  enable(): void {
    this.#step(() => this.#start());
  }

  disable(): void {
    this.#step(() => this.#stop());
  }

  configure(): void {
    this.#step(async () => {
      const before = this.#config;
      this.#config = this.#change.config ?? before;
      if (!this.#spawned) return;
      try {
        if (this.#loaded.hooks.onConfigChange) {
          const timeout = this.#policy.hookWithinMs;
          await this.#ctx.ask(this.path, 'configure', before, { timeout });
        } else await this.#restart();
      } catch (error) {
        this.#config = before;
        await this.#restart().catch(() => this.#tell({ type: 'fell' }));
        throw error;
      }
    });
  }

  update(): void {
    this.#step(async () => {
      const before = this.#loaded.manifest.version;
      const isMeantToRun = this.#actor.getSnapshot().context.isMeantToRun as boolean;
      await this.#stop();
      this.#loaded = this.#change.loaded ?? this.#loaded;
      this.#config = this.#change.config ?? this.#config;
      await this.#once(this.#loaded.hooks.onUpdate, before);
      if (isMeantToRun) await this.#start();
    });
  }

  uninstall(): void {
    this.#step(async () => {
      await this.#stop();
      const { onUninstall } = this.#loaded.hooks;
      try {
        await this.#once(onUninstall);
      } finally {
        await this.#inPlace((ctx) => ctx.storage.clear());
      }
    });
  }

  /** One step of the chart, off its stack; how it ends is the chart's next event. */
  #step(work: () => Promise<unknown>): void {
    void Promise.resolve()
      .then(work)
      .then(
        () => {
          this.#failure = undefined;
          this.#tell({ type: 'done' });
        },
        async (error: unknown) => {
          this.#failure = error;
          if (this.state !== 'configuring') await this.#stop().catch(() => {});
          this.#tell({ type: 'failed' });
        },
      );
  }

  #tell(event: PluginEvent): void {
    this.#stage.tell(this.#actor, event);
  }

  #outcome(): Promise<void> {
    this.#failure = undefined;
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        this.#settle = undefined;
        if (failure === undefined) resolve();
        else reject(failure);
      };
    });
  }

  #noteState(): void {
    const { name, version } = this.#loaded.manifest;
    const error = this.#failure === undefined ? undefined : errorInfo(this.#failure);
    this.#stage.record({
      type: 'plugin',
      plugin: name,
      version,
      state: this.state,
      ...(error && { error }),
    });
    if (atRest.includes(this.state)) this.#settle?.(this.#failure);
  }

  async #start(): Promise<void> {
    const { hooks, manifest } = this.#loaded;
    const contexts = new WeakMap<Context, PluginContext>();
    const own = (ctx: Context) => {
      const known = contexts.get(ctx) ?? pluginContext(ctx, manifest, () => this.#config);
      contexts.set(ctx, known);
      return known;
    };
    const { run, onEnable, onDisable, onConfigChange } = hooks;
    const body = service(serviceName, {
      restart: 'transient',
      startWithin: this.#policy.hookWithinMs,
      start: (ctx) => onEnable?.(own(ctx)),
      ...(run && { run: (ctx: Context) => run(own(ctx)) }),
      ...(onDisable && { stop: (ctx: Context) => onDisable(own(ctx)) }),
      receive: { configure: (before: unknown, ctx: Context) => onConfigChange?.(own(ctx), before) },
    });
    this.#spawned = await this.#ctx.spawn(this.#house(body), { id: manifest.name });
  }

  async #stop(): Promise<void> {
    const spawned = this.#spawned;
    this.#spawned = undefined;
    await spawned?.stop();
  }

  async #restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async #once(hook: PluginHook | undefined, before?: unknown): Promise<void> {
    if (!hook) return;
    const { manifest } = this.#loaded;
    await this.#inPlace((ctx) =>
      hook(
        pluginContext(ctx, manifest, () => this.#config),
        before,
      ),
    );
  }

  /** Runs something once as the plugin's service would run, and takes it down. */
  async #inPlace(call: (ctx: Context) => unknown): Promise<void> {
    const startWithin = this.#policy.hookWithinMs;
    const body = service(serviceName, {
      startWithin,
      start: async (ctx) => void (await call(ctx)),
    });
    const { name } = this.#loaded.manifest;
    const spawned = await this.#ctx.spawn(this.#house(body), { id: name });
    await spawned.stop();
  }

  #house(body: AnyService) {
    const { intensity, periodMs } = this.#policy;
    const { name } = this.#loaded.manifest;
    const options = { whenExhausted: 'give-up', intensity, period: periodMs } as const;
    return supervisor(name as never, options, [body]);
  }
}
