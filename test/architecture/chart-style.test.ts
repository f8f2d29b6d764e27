import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, StateMachine } from 'xstate';
import { filesBelow, root } from './source.ts';

type Plain = Record<string, unknown>;

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null;

/** One sentence on one line: a capital first, a full stop last, none in between. */
const isSentence = (text: unknown): boolean =>
  typeof text === 'string' && /^\S[^\n]*\S\.$/.test(text) && !/[.!?]\s/.test(text);

/** Functions may map data in and out of a machine; everything that it does has a name. */
const mappings = new Set(['context', 'input', 'output']);

function inlineFaults(value: unknown, where: string): string[] {
  if (typeof value === 'function') return [`${where} is an inline function`];
  if (!isPlain(value)) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'states' && key !== 'schemas' && !mappings.has(key))
    .flatMap(([key, inner]) => inlineFaults(inner, `${where}.${key}`));
}

function stateFaults(state: Plain, where: string): string[] {
  const after = isPlain(state.after) ? Object.keys(state.after) : [];
  const children = isPlain(state.states) ? Object.entries(state.states) : [];
  return [
    ...inlineFaults(state, where),
    ...after
      .filter((delay) => Number.isFinite(Number(delay)))
      .map((delay) => `${where} waits ${delay} ms: give the delay a name`),
    ...children.flatMap(([name, child]) => {
      const path = `${where}.${name}`;
      const described = isSentence((child as Plain).description);
      return [
        ...(described ? [] : [`${path} has no description of one sentence`]),
        ...stateFaults(child as Plain, path),
      ];
    }),
  ];
}

const faultsIn = (machine: AnyStateMachine): string[] =>
  stateFaults(machine.config as Plain, machine.id);

async function machinesIn(file: string): Promise<AnyStateMachine[]> {
  const module: Plain = await import(/* @vite-ignore */ pathToFileURL(join(root, file)).href);
  return Object.values(module).filter(
    (value): value is AnyStateMachine => value instanceof StateMachine,
  );
}

const charts = filesBelow('actors', /^[^/]+\.ts$/);

describe('chart style', () => {
  it.each(charts)('%s exports a chart of names, each state described', async (file) => {
    const machines = await machinesIn(file);

    expect(machines, 'exported machines').not.toEqual([]);
    expect(machines.flatMap(faultsIn)).toEqual([]);
  });

  const described = { description: 'Waits for something.' };

  it('allows names, objects with a type, and mapping of context, input and output', () => {
    const machine = createMachine({
      id: 'good',
      context: () => ({}),
      initial: 'a',
      states: {
        a: {
          ...described,
          entry: { type: 'note', params: { loud: true } },
          after: { retryDelay: { target: 'b', guard: 'mayRetry', actions: ['count'] } },
          invoke: { src: 'work', input: () => 1, onDone: 'b' },
        },
        b: { ...described, type: 'final', output: () => 2 },
      },
      output: () => 3,
    });

    expect(faultsIn(machine)).toEqual([]);
  });

  it.each([
    ['entry', { entry: () => {} }, 'a.entry is an inline function'],
    ['action', { on: { x: { actions: [assign({})] } } }, 'a.on.x.actions.0 is an inline'],
    ['guard', { always: { target: 'b', guard: () => true } }, 'a.always.guard is an inline'],
    ['delay', { after: { 100: 'b' } }, 'a waits 100 ms'],
    ['params', { exit: { type: 'x', params: () => ({}) } }, 'a.exit.params is an inline'],
    ['onDone', { invoke: { src: 'w', onDone: { actions: () => {} } } }, 'onDone.actions is an'],
    ['no description', { description: undefined }, 'a has no description'],
    ['two sentences', { description: 'Waits. For long.' }, 'a has no description'],
    ['no full stop', { description: 'Waits' }, 'a has no description'],
    ['nested', { initial: 'c', states: { c: {} } }, 'a.c has no description'],
  ])('catches: %s', (_name, state, fault) => {
    const states = { a: { ...described, ...state }, b: described };
    const machine = createMachine({ id: 'bad', initial: 'a', states } as never);

    expect(faultsIn(machine)).toEqual([expect.stringContaining(fault)]);
  });
});
