import { describe, expect, it } from 'vitest';
import { createMachine, fromCallback, fromPromise, fromTransition } from 'xstate';
import { isDefinition } from '../../src/define/definition.ts';
import { ignore } from '../../src/define/ignore.ts';
import { isLogic } from '../../src/define/logic.ts';
import { manual } from '../../src/define/manual.ts';
import { isOptional, optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { idle, wrongly } from './faults-of.ts';

describe('service', () => {
  it('records a body, options, or both', () => {
    const start = () => 1;

    expect(service('a', idle)).toEqual({ kind: 'service', name: 'a', options: {}, body: idle });
    expect(service('a', { start })).toMatchObject({ options: { start }, body: undefined });
    expect(service('a', { start }, idle)).toMatchObject({ options: { start }, body: idle });
  });

  it.each([
    ['a machine', createMachine({})],
    ['a promise', fromPromise(async () => 1)],
    ['a callback', fromCallback(idle)],
    ['a transition', fromTransition((state: number) => state, 0)],
  ])('takes XState logic as its body: %s', (_name, logic) => {
    expect(isLogic(logic)).toBe(true);
    expect(service('a', wrongly(logic))).toMatchObject({ options: {}, body: logic });
  });

  it('is not changed by what happens to the objects it was given', () => {
    const options: { restart: 'transient' | 'permanent' } = { restart: 'transient' };
    const definition = service('a', options, idle);

    options.restart = 'permanent';

    expect(definition.options).toEqual({ restart: 'transient' });
    expect(Object.isFrozen(definition)).toBe(true);
    expect(Object.isFrozen(definition.options)).toBe(true);
  });
});

describe('supervisor', () => {
  const a = service('a', idle);

  it('records children, with options or without', () => {
    expect(supervisor('app', [a])).toEqual({
      kind: 'supervisor',
      name: 'app',
      options: {},
      children: [a],
    });
    expect(supervisor('app', { strategy: 'one-for-all' }, [a])).toMatchObject({
      options: { strategy: 'one-for-all' },
      children: [a],
    });
  });

  it('records a template', () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: a });

    expect(pool).toMatchObject({ options: { template: a }, children: undefined });
  });

  it('is not changed by what happens to the list it was given', () => {
    const list = [a];
    const definition = supervisor('app', list);

    list.pop();

    expect(definition.children).toEqual([a]);
  });
});

describe('definitions', () => {
  it.each([[undefined], [null], [1], ['x'], [Promise.resolve()], [[]]])(
    'are recorded without a throw from %s',
    (value) => {
      const wrong = wrongly(value);

      expect(isDefinition(service(wrong, wrong, wrong))).toBe(true);
      expect(isDefinition(supervisor(wrong, wrong, wrong))).toBe(true);
    },
  );

  it('are told from everything else', () => {
    const others = [
      undefined,
      null,
      idle,
      {},
      { kind: 'service' },
      createMachine({}),
      [],
      'service',
    ];

    expect(others.filter(isDefinition)).toEqual([]);
  });
});

describe('words', () => {
  it('ignore is the same for all copies of the package', () => {
    expect(ignore).toBe(Symbol.for('daruma.ignore'));
  });

  it("manual is 'manual' with a type", () => {
    expect(manual<number>()).toBe('manual');
  });

  it('optional keeps its target', () => {
    expect(optional('app/a')).toEqual({ kind: 'optional', target: 'app/a' });
    expect(isOptional(optional('app/a'))).toBe(true);
    expect(isOptional(service('a', idle))).toBe(false);
  });
});
