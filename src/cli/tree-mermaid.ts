import { formatDuration } from '../../actors/rules/duration.ts';
import type { PlacedSpec, SupervisorSpec } from '../define/spec.ts';
import type { Outlook } from './outlook.ts';
import { places } from './places.ts';
import { policyOf } from './policies.ts';

/**
 * A tree as a Mermaid flowchart: solid lines supervise, dotted arrows point at what is needed.
 */
export function treeMermaid(root: SupervisorSpec, { startMs, stopMs }: Outlook): string {
  const all = places(root);
  const ids = new Map(all.map(({ path }, index) => [path, `n${index}`]));
  const idOf = (path: string) => ids.get(path) ?? '';
  const worst = `worst-case start ${formatDuration(startMs)}, stop ${formatDuration(stopMs)}`;
  const lines = ['flowchart TD', `  %% ${worst}`];
  for (const place of all) lines.push(`  ${idOf(place.path)}${shapeOf(place)}`);
  for (const { path } of all) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (parent !== '') lines.push(`  ${idOf(parent)} --- ${idOf(path)}`);
  }
  for (const { path, spec } of all) {
    if (spec.kind === 'supervisor') continue;
    for (const need of spec.needs) {
      const label = need.optional ? 'optional' : 'needs';
      if (ids.has(need.path)) lines.push(`  ${idOf(path)} -. ${label} .-> ${idOf(need.path)}`);
    }
  }
  const supervisors = all.filter(({ spec }) => spec.kind === 'supervisor');
  lines.push('  classDef supervisor font-weight:bold');
  lines.push(`  class ${supervisors.map(({ path }) => idOf(path)).join(',')} supervisor`);
  return lines.join('\n');
}

/** Supervisors are rounded, services are boxes, the template of a dynamic supervisor a stadium. */
function shapeOf({ path, spec }: PlacedSpec): string {
  const isRoot = !path.includes('/');
  const name = spec.name === '*' ? 'template' : spec.name;
  const label = `"${escaped(name)}<br/>${policyOf(spec)}"`;
  if (spec.name === '*') return `([${label}])`;
  if (spec.kind === 'service') return `[${label}]`;
  return isRoot ? `{{${label}}}` : `(${label})`;
}

/** Quotes and signs of HTML have a meaning inside a label. */
function escaped(text: string): string {
  return text.replaceAll(/["<>#&]/g, (sign) => `#${sign.codePointAt(0)};`);
}
