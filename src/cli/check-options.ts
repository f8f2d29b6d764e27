import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import { closest } from '../define/did-you-mean.ts';
import { isPlain } from '../define/recorded.ts';
import { show } from '../define/show.ts';
import { type Behaviour, behaviourKeys } from '../testing/behaviour.ts';
import type { TreeInfo } from '../testing/tree-info.ts';
import { UsageError } from './usage-error.ts';

/** Behaviours by path; not every path has one. */
export type Given = ReadonlyMap<string, Behaviour>;

/**
 * What is said of services: by the file that exports `simulate`, and by `--service`, which wins.
 *
 * @throws UsageError when it is about nothing in the tree, or says something else than durations
 */
export function behavioursFrom(
  declared: unknown,
  flags: readonly string[],
  tree: TreeInfo,
  file: string,
): Given {
  const given = new Map<string, Behaviour>();
  const add = (path: string, behaviour: object, where: string) => {
    requireService(path, tree, where);
    given.set(path, { ...given.get(path), ...checked(behaviour, where) });
  };
  for (const [path, behaviour] of entriesOf(declared, file)) {
    add(path, isPlain(behaviour) ? behaviour : {}, `simulate['${path}'] of ${file}`);
  }
  for (const flag of flags) {
    const [, path, rates] = /^([^=]+)=(.+)$/.exec(flag) ?? [];
    if (path === undefined || rates === undefined) throw badFlag(flag);
    add(path, Object.fromEntries(rates.split(',').map(pairOf)), `--service ${flag}`);
  }
  return given;
}

function entriesOf(declared: unknown, file: string): [string, unknown][] {
  if (declared === undefined) return [];
  if (isPlain(declared)) return Object.entries(declared);
  throw new UsageError(`simulate of ${file} is ${show(declared)}; it must be an object.`, {
    hint: "export const simulate = { 'app/feed': { mtbf: '1h', mttr: '5s' } };",
  });
}

function pairOf(text: string): [string, string] {
  const [name = '', value = ''] = text.split(':');
  return [name, value];
}

function checked(behaviour: object, where: string): Behaviour {
  for (const [name, value] of Object.entries(behaviour)) {
    if (!behaviourKeys.some((key) => key === name)) throw unknownKey(name, where);
    if (parseDuration(value) === undefined) {
      throw new UsageError(`${where}: ${name} is ${show(value)}; it must be a duration.`, {
        hint: "A number with a unit: '250ms', '10s', '1.5m', '2h', '30d'.",
      });
    }
  }
  return behaviour as Partial<Record<keyof Behaviour, Duration>>;
}

function requireService(path: string, tree: TreeInfo, where: string): void {
  if (tree.get(path)?.spec.kind === 'service') return;
  const paths = tree.services().map((service) => service.path);
  const meant = closest(path, paths);
  throw new UsageError(`${where}: there is no service ${path}.`, {
    hint: meant ? `Did you mean ${meant}?` : `Services: ${paths.join(', ')}.`,
  });
}

function unknownKey(name: string, where: string): UsageError {
  const meant = closest(name, behaviourKeys);
  return new UsageError(`${where}: there is no '${name}'.`, {
    hint: meant ? `Did you mean '${meant}'?` : `There are ${behaviourKeys.join(', ')}.`,
  });
}

function badFlag(flag: string): UsageError {
  return new UsageError(`--service ${flag}: it must say what of which service.`, {
    hint: '--service app/feed=mtbf:1h,mttr:5s',
  });
}
