import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../actors/rules/duration.ts';
import { Roster } from '../../actors/rules/roster.ts';
import { defaultService, defaultSupervisor } from '../../src/define/defaults.ts';
import { serviceOptions } from '../../src/define/read-service.ts';
import { supervisorOptions } from '../../src/define/read-supervisor.ts';
import { defaultAskMs } from '../../src/kernel/messages.ts';
import { exitReserveMs } from '../../src/kernel/system-root.ts';
import { defaultFile, storageDefaults } from '../../src/services/storage/options.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/api.md';
const service: Record<string, unknown> = { ...defaultService };
const supervisor: Record<string, unknown> = { ...defaultSupervisor };

/** `[option, default]` of a table. */
function defaultsIn(heading: string): [string, string][] {
  return rowsOf(sectionOf(page, heading)).map(([option = '', value = '']) => [
    codesIn(option)[0] as string,
    value,
  ]);
}

/** Options whose field in the spec has another name. Durations end in `Ms` there. */
const fields: Readonly<Record<string, string>> = { start: 'order' };

function fieldOf(spec: Record<string, unknown>, option: string): unknown {
  const [name = '', inner] = option.split('.');
  if (inner === undefined) return spec[`${name}Ms`] ?? spec[fields[name] ?? name];
  return fieldOf(spec[name] as Record<string, unknown>, inner);
}

/** What a cell says, in the terms of the spec. */
function meaningOf(cell: string): unknown {
  if (cell === 'none') return undefined;
  if (cell === 'off' || cell === 'no limit' || cell === "`'infinity'`") return Infinity;
  const [code = ''] = codesIn(cell);
  const text = code.replaceAll("'", '');
  return parseDuration(text) ?? (code === text ? JSON.parse(code) : text);
}

function topLevel(options: readonly [string, string][]): string[] {
  return [...new Set(options.map(([option]) => option.split('.', 1)[0] as string))].sort();
}

describe(`the defaults in ${page}`, () => {
  const ofServices = defaultsIn('Service options');
  const ofSupervisors = defaultsIn('Supervisor options');
  const ofSystems = defaultsIn('System options');

  it('are there for every option of a service and of a supervisor', () => {
    expect(topLevel(ofServices)).toEqual([...serviceOptions].sort());
    expect(topLevel(ofSupervisors)).toEqual([...supervisorOptions].sort());
  });

  const ofBody = new Set(['start', 'run', 'stop', 'drain', 'ready']);
  it.each(ofServices)('of a service: %s is %s', (option, cell) => {
    const body = defaultService.body as unknown as Record<string, unknown>;
    const actual = ofBody.has(option) ? body[option] : fieldOf(service, option);
    const isEmpty = Array.isArray(actual) && actual.length === 0;

    // A decide that is not given stands for the answer 'restart'.
    if (option === 'decide') expect([actual, cell]).toEqual([undefined, "always `'restart'`"]);
    else expect(meaningOf(cell)).toEqual(isEmpty ? undefined : actual);
  });

  const intensity = new Set(['intensity']);
  it.each(ofSupervisors.filter(([option]) => !intensity.has(option)))(
    'of a supervisor: %s is %s',
    (option, cell) => {
      expect(meaningOf(cell)).toEqual(fieldOf(supervisor, option));
    },
  );

  it('of a supervisor: intensity is 20 for each item', () => {
    const member = { ...defaultService, id: 'a', needsReady: true };
    const roster = new Roster(defaultSupervisor, [member, { ...member, id: 'b' }]);

    expect(Object.fromEntries(ofSupervisors).intensity).toBe('20 for each item');
    expect(roster.intensity).toBe(40);
    expect(new Roster(defaultSupervisor, []).intensity).toBe(20);
  });

  it('of a system are those of its options', () => {
    const options = ['src/kernel/system-options.ts', 'src/services/system-options.ts']
      .map((file) => /interface SystemOptions [^{]*\{([\s\S]+?)\n\}/.exec(read(file))?.[1])
      .join('');
    const declared = options.matchAll(/@default ([^*;]+?)(?:;[^*]*)?\s*\*\/\s*readonly (\w+)\?/g);
    const expected = [...declared].map(([, value, name]) => [name, value]);

    const documented = ofSystems.map(([option, cell]) => [option, cell.replaceAll('`', '')]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
    expect(ofSystems).toHaveLength([...options.matchAll(/^ {2}readonly /gm)].length);
  });

  it('of storage are those of its options', () => {
    const rows = rowsOf(sectionOf('docs/storage.md', 'Options'));
    const told = rows.map(([option = '', cell = '']) => [codesIn(option)[0], meaningOf(cell)]);
    const { maxValueBytes, maxPendingBytes, busyTimeout } = storageDefaults;

    expect(Object.fromEntries(told)).toEqual({
      file: relative('.', defaultFile('NAME')),
      maxValueBytes,
      maxPendingBytes,
      busyTimeout,
    });
  });

  it('of storage in PostgreSQL are those of its options', () => {
    const rows = rowsOf(sectionOf('docs/postgres.md', 'Options'));
    const told = rows.map(([option = '', cell = '']) => [codesIn(option)[0], meaningOf(cell)]);
    const { busyTimeout: _, ...expected } = storageDefaults;

    expect(Object.fromEntries(told)).toEqual({ postgres: undefined, ...expected });
  });

  it('of an ask and of the reserve are those of the kernel', () => {
    expect(sectionOf(page, 'The context')).toContain(`${defaultAskMs / 1_000} s by default`);
    expect(Object.fromEntries(ofSystems).grace).toBe("`'25s'`");
    expect(sectionOf(page, 'System options')).toContain(`${exitReserveMs / 1_000} s of it`);
  });
});

describe('the defaults in docs/semantics.md', () => {
  const chapter = 'Every default and its consequence';

  it.each([
    ['Of a service', 'Service options'],
    ['Of a supervisor', 'Supervisor options'],
    ['Of the system', 'System options'],
  ])('%s: are all there, the same as in the API', (section, heading) => {
    const repeated = rowsOf(sectionOf('docs/semantics.md', section)).map(([option = '', value]) => [
      codesIn(option)[0],
      value,
    ]);
    const told = defaultsIn(heading).filter(([, value]) => value !== 'none');

    expect(sectionOf('docs/semantics.md', chapter)).toContain(`### ${section}`);
    expect(Object.fromEntries(repeated)).toEqual(Object.fromEntries(told));
  });
});

describe(`the exports in ${page}`, () => {
  const text = read(page);

  /** The names in the export lists of a file. */
  function exportsOf(entry: string, kind: 'all' | 'values'): string[] {
    const lists = [...read(entry).matchAll(/export (type )?\{([^}]+)\}/g)];
    const names = lists.flatMap(([, type = '', list = '']) =>
      list.split(',').map((name) => `${type}${name.trim()}`),
    );
    const wanted = names.filter((name) => kind === 'all' || !name.startsWith('type '));
    // By the name that it is exported as.
    return wanted.map((name) => name.replace(/^(type )*(\w+ as )?/, '')).filter(Boolean);
  }

  it.each([
    ['src/index.ts', 'all'],
    ['src/testing/index.ts', 'values'],
  ] as const)('of %s are there (%s)', (entry, kind) => {
    const missing = exportsOf(entry, kind).filter((name) => !new RegExp(`\`${name}\\b`).test(text));

    expect(missing).toEqual([]);
  });
});
