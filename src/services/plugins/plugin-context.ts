import type { Logger } from 'pino';
import type { Context } from '../../define/context.ts';
import type { Storage } from '../../define/storage.ts';
import { permissionError } from './errors.ts';
import type { Permission, PluginManifest } from './manifest-schema.ts';

/**
 * What a plugin may touch: the context of its service, and of what reaches outside only what it has
 * the permission for. The rest throws `DARUMA_PERMISSION_DENIED`.
 *
 * This is no sandbox: a plugin is code in this process, and can import whatever Node offers. It
 * keeps an honest plugin to what its manifest says.
 */
export interface PluginContext
  extends Pick<
    Context,
    | 'signal'
    | 'path'
    | 'incarnation'
    | 'attempt'
    | 'sleep'
    | 'now'
    | 'random'
    | 'beat'
    | 'health'
    | 'metrics'
    | 'use'
    | 'defer'
  > {
  readonly plugin: { readonly name: string; readonly version: string };
  /** Of this plugin: its defaults with what it was given on top. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  /** Of this plugin alone. Reading needs `storage-read`, writing `storage-write`. */
  readonly storage: Storage;
  /** Ends with the incarnation. Needs `network-access`. */
  readonly fetch: typeof globalThis.fetch;
  /** Needs `notifications`. */
  readonly notify: Context['notify'];
}

const reading = ['get', 'has', 'list', 'size'] as const;
const writing = ['set', 'delete', 'clear'] as const;
const both = ['store', 'transaction'] as const;

/** @param configNow looked up when it is read: a change of it needs no new context */
export function pluginContext(
  ctx: Context,
  { name, version, permissions = [] }: PluginManifest,
  configNow: () => Readonly<Record<string, unknown>>,
): PluginContext {
  const mustHave = (permission: Permission) => {
    if (!permissions.includes(permission)) throw permissionError(ctx.path, name, permission);
  };
  return {
    plugin: { name, version },
    get config() {
      return configNow();
    },
    get signal() {
      return ctx.signal;
    },
    get log() {
      return ctx.log;
    },
    get metrics() {
      return ctx.metrics;
    },
    get storage() {
      return gatedStorage(ctx.storage, mustHave);
    },
    get notify() {
      mustHave('notifications');
      return ctx.notify;
    },
    fetch: async (input, init) => {
      mustHave('network-access');
      const signal = init?.signal ? AbortSignal.any([ctx.signal, init.signal]) : ctx.signal;
      return await globalThis.fetch(input, { ...init, signal });
    },
    path: ctx.path,
    incarnation: ctx.incarnation,
    attempt: ctx.attempt,
    sleep: (duration) => ctx.sleep(duration),
    now: () => ctx.now(),
    random: () => ctx.random(),
    beat: () => ctx.beat(),
    health: (status, reason) => ctx.health(status, reason),
    use: ((resource: unknown, dispose: never) => ctx.use(resource, dispose)) as Context['use'],
    defer: (fn) => ctx.defer(fn),
  };
}

function gatedStorage(storage: Storage, mustHave: (permission: Permission) => void): Storage {
  const gates: [readonly (keyof Storage)[], readonly Permission[]][] = [
    [reading, ['storage-read']],
    [writing, ['storage-write']],
    [both, ['storage-read', 'storage-write']],
  ];
  const gated = gates.flatMap(([methods, needed]) =>
    methods.map((method) => [
      method,
      (...args: unknown[]) => {
        for (const permission of needed) mustHave(permission);
        return (storage[method] as (...given: unknown[]) => unknown).apply(storage, args);
      },
    ]),
  );
  return Object.fromEntries(gated) as Storage;
}
