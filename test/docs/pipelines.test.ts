import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../actors/rules/duration.ts';
import { compileTree } from '../../src/define/compile.ts';
import { defaultBackoff } from '../../src/define/defaults.ts';
import type { ItemSpec, SupervisorSpec } from '../../src/define/spec.ts';
import { fromHttp, fromQueue, pipeline, queue, supervisor } from '../../src/index.ts';
import { httpOptions } from '../../src/jobs/pipeline/http-options.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/pipelines.md';

function defaultsIn(section: string): Record<string, string | undefined> {
  return Object.fromEntries(
    rowsOf(sectionOf(page, section))
      .filter((row) => row.length === 3)
      .map(([option = '', value = '']) => [codesIn(option)[0], codesIn(value)[0] ?? value]),
  );
}

const { root } = compileTree(
  supervisor('app', [
    pipeline('p')
      .producer('list', [1])
      .producer('hooks', fromHttp({ port: 0 }))
      .producer('tap', fromQueue(queue('any')))
      .always('handle', () => {})
      .consumer('store', () => {}),
  ]),
);

function at(path: string): ItemSpec {
  let spec: ItemSpec = root;
  for (const name of path.split('/')) {
    const children: readonly ItemSpec[] = (spec as SupervisorSpec).children;
    spec = children.find((child) => child.name === name) as ItemSpec;
  }
  return spec;
}

function policyAt(path: string): Readonly<Record<string, unknown>> {
  const spec = at(path);
  const body = spec.kind === 'service' ? spec.body : undefined;
  const battery = spec.kind === 'supervisor' ? spec.battery : undefined;
  return (battery ?? (body?.kind === 'hooks' ? body.battery : undefined))?.policy ?? {};
}

function shown(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return "'infinity'";
  return typeof value === 'string' ? `'${value}'` : String(value);
}

const duration = (ms: unknown) =>
  ms === Number.POSITIVE_INFINITY
    ? "'infinity'"
    : `'${formatDuration(ms as number).replace(/(\d+[hm]) 0[ms]/, '$1')}'`;

const { firstMs, maxMs, factor, jitter } = defaultBackoff;
const backoff = `{ first: ${duration(firstMs)}, max: ${duration(maxMs)}, factor: ${factor}, jitter: '${jitter}' }`;

describe(`the defaults in ${page}`, () => {
  it('of a pipeline are those of the code', () => {
    const { maxInFlight, whenProducersEnd, shutdownWithinMs } = policyAt('p');
    const { restart, stopWithinMs } = at('p');
    const group = at('p/handlers') as SupervisorSpec;

    expect(group.intensity).toBeUndefined();
    expect(defaultsIn('Pipeline options')).toEqual({
      maxInFlight: shown(maxInFlight),
      onShutdown: 'none',
      shutdownWithin: duration(shutdownWithinMs),
      whenProducersEnd: shown(whenProducersEnd),
      restart: shown(restart),
      intensity: '20 for each item',
      period: duration(group.periodMs),
      whenExhausted: shown(group.whenExhausted),
      stopWithin: duration(stopWithinMs),
    });
  });

  it('of producers are those of the code', () => {
    const { limit, overflow } = policyAt('p/producers/list');
    const { restart } = at('p/producers/list');

    expect(defaultsIn('Producers')).toEqual({
      buffer: shown(limit),
      overflow: shown(overflow),
      restart: shown(restart),
    });
    expect(defaultsIn('From a queue')).toEqual({
      concurrency: shown(policyAt('p/producers/tap').concurrency),
    });
  });

  it('of HTTP are those of the code', () => {
    const policy = policyAt('p/producers/hooks');
    const told = Object.fromEntries(
      httpOptions.map((name) => [
        name,
        `${name}Ms` in policy ? duration(policy[`${name}Ms`]) : shown(policy[name] ?? 'none'),
      ]),
    );

    expect(defaultsIn('HTTP')).toEqual({
      ...told,
      port: 'required',
      payload: 'none',
      authorize: 'none',
    });
  });

  it.each([
    ['Handler options', 'p/handlers/handle', { ids: 'its name' }],
    ['Consumer options', 'p/consumers/store', {}],
  ])('of %s are those of the code', (section, path, own) => {
    const { concurrency, timeoutMs, maxAttempts, onError, limit, overflow, retryBackoff } =
      policyAt(path);

    expect(retryBackoff).toEqual(defaultBackoff);
    expect(defaultsIn(section)).toEqual({
      concurrency: shown(concurrency),
      ...(limit !== undefined && { buffer: shown(limit), overflow: shown(overflow) }),
      timeout: duration(timeoutMs),
      'retry.maxAttempts': shown(maxAttempts),
      'retry.backoff': backoff,
      onError: shown(onError),
      ...own,
    });
  });
});

describe(page, () => {
  it('says what every status of an item means', () => {
    const [, statuses = ''] =
      /export type ItemStatus = ([^;]+);/.exec(read('src/jobs/pipeline/item.ts')) ?? [];
    const promised = sectionOf(page, 'What is promised');

    expect(statuses.match(/\w+/g)).toHaveLength(5);
    for (const status of statuses.match(/\w+/g) ?? []) expect(promised).toContain(`\`${status}\``);
  });

  it('has a row for every member that an item context has of its own', () => {
    const source = read('src/jobs/pipeline/item-context.ts');
    const own = [...source.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name);
    const told = rowsOf(sectionOf(page, 'The context of an item')).flatMap(([cell = '']) =>
      codesIn(cell).map((code) => code.replace(/\(.*/, '')),
    );

    expect(told).toEqual(expect.arrayContaining(own));
  });
});
