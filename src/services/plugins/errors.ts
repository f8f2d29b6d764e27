import { DarumaError } from '../../errors.ts';
import type { Permission } from './manifest-schema.ts';

/** A manifest, a module or a configuration that cannot be used, with everything that is wrong. */
export function invalidPluginError(
  plugin: string,
  what: string,
  faults: readonly string[],
  hint?: string,
): DarumaError {
  const list = faults.map((fault) => `\n  - ${fault}`).join('');
  return new DarumaError(
    'DARUMA_INVALID_PLUGIN',
    `${what} of the plugin ${plugin} is not valid:${list}`,
    {
      hint: hint ?? 'docs/plugin.schema.json describes a manifest; nothing was changed.',
    },
  );
}

export function pluginStateError(
  path: string,
  plugin: string,
  command: string,
  state: string,
): DarumaError {
  return new DarumaError(
    'DARUMA_PLUGIN_STATE',
    `The plugin ${plugin} is ${state}: it cannot ${command} now.`,
    { path, hint: hints[state] ?? 'docs/plugins.md shows what leads where.' },
  );
}

const hints: Readonly<Record<string, string>> = {
  installed: 'Enable it first.',
  disabled: 'Enable it first.',
  enabled: 'Disable it first, or update it.',
  error: 'Update it, enable it again, or uninstall it.',
};

export function unknownPluginError(path: string, plugin: string, known: string[]): DarumaError {
  return new DarumaError('DARUMA_NOT_FOUND', `${path} knows no plugin ${plugin}.`, {
    path,
    hint: known.length === 0 ? 'None is installed.' : `Installed: ${known.join(', ')}.`,
  });
}

export function permissionError(path: string, plugin: string, permission: Permission): DarumaError {
  return new DarumaError(
    'DARUMA_PERMISSION_DENIED',
    `The plugin ${plugin} uses what needs the permission '${permission}', which its manifest does not ask for.`,
    { path, hint: `Add "${permission}" to permissions in its manifest, and to grant of its host.` },
  );
}
