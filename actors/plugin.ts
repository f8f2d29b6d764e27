import { assign, setup } from 'xstate';

export type PluginEvent =
  | { readonly type: 'enable' | 'disable' | 'configure' | 'update' | 'uninstall' }
  /** What was asked for has been done, or was not and has been rolled back. */
  | { readonly type: 'done' | 'failed' }
  /** Its service was given up. */
  | { readonly type: 'fell' };

/** What a plugin can have done. Each ends with `done` or `failed`. */
export interface PluginHands {
  install(): void;
  enable(): void;
  disable(): void;
  configure(): void;
  update(): void;
  uninstall(): void;
}

interface PluginContext {
  readonly hands: PluginHands;
  /** It is to run again when its update is done. */
  readonly isMeantToRun: boolean;
}

/**
 * One plugin, from its installation until it is uninstalled.
 *
 * ```
 *  installing ──▶ installed ──enable──▶ enabling ──▶ enabled ──disable──▶ disabling ──▶ disabled
 *      │ failed                            │ failed    │ ▲ ╲                               │ ▲
 *      ▼                                   ╰───────────┼─┼──╲──────────────────────────────┼─╯
 *  uninstalled ◀── uninstalling ◀── uninstall ─────────┤ │   fell, update failed ──▶ error │
 *                  (from every state at rest)          │ ╰── configuring, updating ◀───────╯
 * ```
 *
 * What fails is rolled back: an enabling that fails leaves it disabled with nothing running, a
 * change of its configuration that fails leaves the old one.
 */
export const pluginMachine = setup({
  types: {} as {
    context: PluginContext;
    input: { readonly hands: PluginHands };
    events: PluginEvent;
  },
  guards: { isMeantToRun: ({ context }) => context.isMeantToRun },
  actions: {
    install: ({ context }) => context.hands.install(),
    enable: ({ context }) => context.hands.enable(),
    disable: ({ context }) => context.hands.disable(),
    configure: ({ context }) => context.hands.configure(),
    update: ({ context }) => context.hands.update(),
    uninstall: ({ context }) => context.hands.uninstall(),
    meanToRun: assign({ isMeantToRun: true }),
    meanToRest: assign({ isMeantToRun: false }),
  },
}).createMachine({
  id: 'plugin',
  context: ({ input }) => ({ ...input, isMeantToRun: false }),
  initial: 'installing',
  states: {
    installing: {
      description: 'Its install hook runs; nothing is kept of it when that fails.',
      entry: 'install',
      on: { done: 'installed', failed: 'uninstalled' },
    },
    installed: {
      description: 'Known and never enabled so far; nothing of it runs.',
      on: {
        enable: 'enabling',
        configure: 'configuring',
        update: 'updating',
        uninstall: 'uninstalling',
      },
    },
    enabling: {
      description: 'Its service starts; when that fails it is stopped again.',
      entry: ['meanToRun', 'enable'],
      on: { done: 'enabled', failed: 'disabled' },
    },
    enabled: {
      description: 'Its service runs under supervision.',
      on: {
        disable: 'disabling',
        configure: 'configuring',
        update: 'updating',
        uninstall: 'uninstalling',
        fell: 'error',
      },
    },
    disabling: {
      description: 'Its service is asked to stop; waits for its end.',
      entry: 'disable',
      on: { done: 'disabled', failed: 'disabled' },
    },
    disabled: {
      description: 'Known, and nothing of it runs.',
      entry: 'meanToRest',
      on: {
        enable: 'enabling',
        configure: 'configuring',
        update: 'updating',
        uninstall: 'uninstalling',
      },
    },
    configuring: {
      description: 'Its configuration is replaced; when that fails the old one is put back.',
      entry: 'configure',
      on: {
        done: [{ guard: 'isMeantToRun', target: 'enabled' }, { target: 'disabled' }],
        failed: [{ guard: 'isMeantToRun', target: 'enabled' }, { target: 'disabled' }],
        fell: 'error',
      },
    },
    updating: {
      description: 'Another version takes its place: the old one is stopped, data is migrated.',
      entry: 'update',
      on: {
        done: [{ guard: 'isMeantToRun', target: 'enabled' }, { target: 'disabled' }],
        failed: 'error',
      },
    },
    error: {
      description: 'Its service was given up, or an update failed; nothing of it runs.',
      on: {
        enable: 'enabling',
        disable: 'disabling',
        update: 'updating',
        uninstall: 'uninstalling',
      },
    },
    uninstalling: {
      description: 'Its service is stopped, its uninstall hook runs, its data is deleted.',
      entry: 'uninstall',
      on: { done: 'uninstalled', failed: 'uninstalled' },
    },
    uninstalled: {
      description: 'Nothing is left of it.',
      type: 'final',
    },
  },
});
