import type { ErrorInfo } from '../events.ts';

/** Where a plugin stands: the states of its chart. */
export type PluginState =
  | 'installing'
  | 'installed'
  | 'enabling'
  | 'enabled'
  | 'disabling'
  | 'disabled'
  | 'configuring'
  | 'updating'
  | 'error'
  | 'uninstalling'
  | 'uninstalled';

/** What happens to the plugins of a host. */
export type PluginHappening =
  /** `error`: what the step before failed of. */
  {
    readonly type: 'plugin';
    readonly plugin: string;
    readonly version: string;
    readonly state: PluginState;
    readonly error?: ErrorInfo;
  };

export function describePlugin({ plugin, version, state, error }: PluginHappening): string {
  const what = `plugin ${plugin} ${version} is ${state === 'error' ? 'in error' : state}`;
  return error ? `${what}: ${error.message}` : what;
}
