import type { Duration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import type { CommonServiceOptions } from '../../define/options.ts';
import { recorded } from '../../define/recorded.ts';
import { type HostPolicy, openHost, type PluginHost } from './host.ts';
import { type Permission, permissions } from './manifest-schema.ts';
import type { PluginSource } from './source.ts';

/** Options of a plugin host, beside those of every service. */
export interface PluginsOptions extends CommonServiceOptions<Needs, undefined, undefined> {
  /**
   * Plugins that come with the program: installed and enabled with the host, unless somebody has
   * disabled or uninstalled them. @default none
   */
  readonly bundled?: readonly PluginSource[];
  /** The permissions that plugins may ask for; one that asks for more is refused. @default none */
  readonly grant?: readonly Permission[] | 'all';
  /** How long one hook may take. @default '30s' */
  readonly hookWithin?: Duration;
  /** How many restarts of a plugin's service one period allows; then it is given up. @default 10 */
  readonly intensity?: number;
  /** @default '1m' */
  readonly period?: Duration;
}

const battery: Battery = {
  battery: 'plugins',
  options: ['bundled', 'grant', 'hookWithin', 'intensity', 'period'],
  read(reader) {
    const policy: HostPolicy = {
      bundled: readBundled(reader),
      grant: readGrant(reader),
      hookWithinMs: reader.duration('hookWithin', 30_000, { isPositive: true }),
      intensity: reader.number('intensity', 10, { min: 0, isWhole: true }),
      periodMs: reader.duration('period', 60_000, { isPositive: true }),
    };
    return {
      kind: 'hooks',
      start: (ctx: Context) => openHost(ctx, policy),
      run: undefined,
      stop: undefined,
      drain: undefined,
      ready: 'immediate',
      battery: { kind: 'plugins', policy: { ...policy, bundled: policy.bundled.length } },
    };
  },
};

/**
 * A host of plugins: services that come and go while the system runs, each with a manifest, the
 * permissions that it asks for, and a life of its own: install, enable, disable, update, configure,
 * uninstall. Each runs supervised below the host. What was installed from a folder is there again
 * after a restart of the process.
 */
export function plugins<const Name extends string>(
  name: ValidName<Name>,
  options: PluginsOptions = {},
): ServiceDefinition<Name, PluginHost, Record<never, never>> {
  return Object.freeze({
    kind: 'service',
    name: name as Name,
    options: recorded(options),
    body: battery,
  });
}

function readBundled(reader: OptionReader): readonly PluginSource[] {
  const given = reader.raw('bundled');
  if (given === undefined) return [];
  if (Array.isArray(given)) return Object.freeze([...given]);
  const hint = "bundled: ['./plugins/sync', { manifest, module }]";
  reader.refuse('DARUMA_INVALID_OPTION', 'bundled', 'it must be a list of plugins.', hint);
  return [];
}

function readGrant(reader: OptionReader): readonly Permission[] | 'all' {
  const given = reader.raw('grant');
  if (given === undefined) return [];
  if (given === 'all') return 'all';
  const isKnown = (value: unknown) => permissions.some((permission) => permission === value);
  if (Array.isArray(given) && given.every(isKnown)) return Object.freeze([...given]);
  const problem = "it must be 'all', or a list of permissions.";
  reader.refuse(
    'DARUMA_INVALID_OPTION',
    'grant',
    problem,
    `Permissions: ${permissions.join(', ')}.`,
  );
  return [];
}
