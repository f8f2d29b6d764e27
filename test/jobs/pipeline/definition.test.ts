import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { compileTree } from '../../../src/define/compile.ts';
import {
  type AnyDefinition,
  createSystem,
  DefinitionError,
  fromCron,
  fromEvery,
  fromHttp,
  pipeline,
  service,
  supervisor,
} from '../../../src/index.ts';
import { started } from './mill.ts';

function faultsOf(...definitions: AnyDefinition[]) {
  try {
    createSystem(supervisor('app', definitions), { env: {} });
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.faults.map(({ code, path, message }) => `${code} ${path}: ${message}`);
  }
}

const wrong = (value: unknown) => value as never;

describe('the definition of a pipeline', () => {
  it('is refused without a handler, and without a producer, before anything starts', () => {
    const begun: string[] = [];
    const faults = faultsOf(
      service('before', () => void begun.push('before')),
      pipeline('empty').consumer('store', () => {}),
    );

    expect(faults).toEqual([
      'DARUMA_NO_PRODUCERS app/empty: it has no producer: nothing would ever flow.',
      'DARUMA_NO_ROUTER app/empty: it has no handler: its items would go nowhere.',
    ]);
    expect(begun).toEqual([]);
  });

  it('is refused with handlers by id and nothing that says the id', () => {
    expect(
      faultsOf(
        pipeline('p')
          .producer('list', ['a'])
          .on('a', () => {}),
      ),
    ).toEqual([
      'DARUMA_NO_ROUTER app/p: it has handlers by id (a), but nothing says the id of an item.',
    ]);
  });

  it('may do without consumers', () => {
    expect(
      faultsOf(
        pipeline('p')
          .producer('list', ['a'])
          .always('a', () => {}),
      ),
    ).toEqual([]);
  });

  it('names everything that is wrong at once', () => {
    expect(
      faultsOf(
        pipeline('p', wrong({ maxInFlight: 0, onShutdown: 'now', strategy: 'one-for-all' }))
          .producer('text', wrong('text'))
          .producer(
            'clock',
            fromEvery(wrong('often'), () => 1),
          )
          .producer(
            'cron',
            fromCron('never', () => 1),
          )
          .producer('http', fromHttp(wrong({ port: 'x', path: 'hooks', payload: {}, colour: 1 })))
          .router(wrong(7))
          .always('twice', () => {})
          .always('twice', () => {})
          .fallback('odd', wrong({ concurrency: 0, timeout: 0, retry: 3, buffer: 1 }), () => {})
          .always('none', wrong(undefined))
          .on('ids', wrong({ ids: 'ids' }), () => {})
          .when('yes', wrong(true), () => {})
          .consumer('store', wrong({ buffer: 0, overflow: 'explode', onError: 1 }), () => {}),
      ).toSorted(),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_DUPLICATE_ID app/p/handlers/twice: 2 children of app/p/handlers have this name.",
        "DARUMA_INVALID_BODY app/p/handlers/none: this handler is undefined; it must be a function.",
        "DARUMA_INVALID_DURATION app/p/handlers/odd: timeout is 0; it must be above 0.",
        "DARUMA_INVALID_OPTION app/p/consumers/store: buffer is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_OPTION app/p/consumers/store: onError is 1; it must be 'report', 'fail' or a function.",
        "DARUMA_INVALID_OPTION app/p/consumers/store: overflow is 'explode'; it must be 'wait', 'drop-oldest', 'drop-newest' or 'fail'.",
        "DARUMA_INVALID_OPTION app/p/handlers/ids: ids is 'ids'; it must be a list of text.",
        "DARUMA_INVALID_OPTION app/p/handlers/odd: concurrency is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_OPTION app/p/handlers/odd: retry is 3; it must be an object.",
        "DARUMA_INVALID_OPTION app/p/handlers/yes: its predicate is true; it must be a function.",
        "DARUMA_INVALID_OPTION app/p/producers/http: path is 'hooks'; it must be text that begins with /.",
        "DARUMA_INVALID_OPTION app/p/producers/http: payload is an object; it must be a Standard Schema.",
        "DARUMA_INVALID_OPTION app/p/producers/http: port is 'x'; it must be a whole number from 0 to 65535.",
        "DARUMA_INVALID_OPTION app/p: its router is 7; it must be a key.",
        "DARUMA_INVALID_OPTION app/p: maxInFlight is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_OPTION app/p: onShutdown is 'now'; it must be a function.",
        "DARUMA_INVALID_SCHEDULE app/p/producers/clock: its period is 'often'; that is not a duration.",
        "DARUMA_INVALID_SCHEDULE app/p/producers/cron: its expression is 'never'; invalid configuration format, exactly five, six, or seven space separated parts are required.",
        "DARUMA_NOT_A_SOURCE app/p/producers/text: its source is 'text'; it must be an observable, an iterable or a function.",
        "DARUMA_UNKNOWN_OPTION app/p/handlers/odd: there is no option buffer.",
        "DARUMA_UNKNOWN_OPTION app/p/producers/http: there is no option colour.",
        "DARUMA_UNKNOWN_OPTION app/p: there is no option strategy.",
      ]
    `);
  });

  it('records what it is given, so that what is done to it later changes nothing', () => {
    const options = { maxInFlight: 5 };
    const base = pipeline('p', options);
    options.maxInFlight = -1;
    const one = base.producer('list', [1]).always('one', () => {});
    const two = one.always('two', () => {});

    expect(faultsOf(one)).toEqual([]);
    expect(Object.isFrozen(two)).toBe(true);
    expect(JSON.stringify(one.children)).not.toContain('two');
  });

  it('keeps its parts in the order in which they were given', () => {
    const { root } = compileTree(
      supervisor('app', [
        pipeline('p', { onShutdown: () => {} })
          .producer('b', [1])
          .producer('a', new Subject<number>())
          .always('d', () => {})
          .always('c', () => {})
          .consumer('f', () => {})
          .consumer('e', () => {}),
      ]),
      { graceMs: 25_000 },
    );
    const namesOf = (item: unknown): unknown => {
      const { name, children } = item as { name: string; children?: unknown[] };
      return children ? [name, ...children.map(namesOf)] : name;
    };

    expect(namesOf(root)).toEqual([
      'app',
      [
        'p',
        'router',
        ['consumers', 'f', 'e'],
        ['handlers', 'd', 'c'],
        ['producers', 'b', 'a'],
        'shutdown',
      ],
    ]);
  });

  it('runs several times in one tree, each with what flows through it', async () => {
    const seen: string[] = [];
    const inner = pipeline('p')
      .producer('list', [1, 2])
      .always('handle', (n, { path }) => void seen.push(`${path.split('/')[2]} ${n}`));
    await started(supervisor('both', [supervisor('left', [inner]), supervisor('right', [inner])]));

    expect(seen.toSorted()).toEqual(['left 1', 'left 2', 'right 1', 'right 2']);
  });

  it('is a template like any other', async () => {
    const seen: string[] = [];
    const lab = await started(
      supervisor('tenants', {
        strategy: 'dynamic',
        template: pipeline('p')
          .producer('list', [1])
          .always('handle', (n, { path }) => void seen.push(`${path} ${n}`)),
      }),
    );
    const tenants = lab.system.find('app/tenants') as unknown as {
      startChild(options: object): Promise<unknown>;
    };
    await lab.until(tenants.startChild({ id: 't1' }));
    await lab.until(tenants.startChild({ id: 't2' }));

    expect(seen).toEqual(['app/tenants/t1/handlers/handle 1', 'app/tenants/t2/handlers/handle 1']);
  });
});
