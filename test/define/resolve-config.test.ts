import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { ConfigSources } from '../../src/config.ts';
import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { configAt, resolveConfig } from '../../src/define/resolve-config.ts';
import { service } from '../../src/define/service.ts';
import type { ItemSpec } from '../../src/define/spec.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { DefinitionError } from '../../src/errors.ts';
import { idle, textOf } from './faults-of.ts';

const feed = service(
  'feed',
  { config: v.object({ url: v.string(), port: v.optional(v.number(), 80) }) },
  idle,
);
const plain = service('plain', idle);

const withSchema = (config: StandardSchemaV1) =>
  supervisor('app', [service('feed', { config }, idle), plain]);

async function resolved(
  sources: ConfigSources,
  root: AnyDefinition = supervisor('app', [feed, plain]),
) {
  return Object.fromEntries(await resolveConfig(compileTree(root).root, sources));
}

async function faultsOf(sources: ConfigSources, root?: AnyDefinition) {
  const error = await resolved(sources, root).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DefinitionError);
  return textOf(error as DefinitionError);
}

describe('resolveConfig', () => {
  it('gives what the schema makes of the values', async () => {
    expect(await resolved({ values: { 'app/feed': { url: 'x' } } })).toEqual({
      'app/feed': { url: 'x', port: 80 },
    });
  });

  it('takes values from code, file and environment, later ones winning', async () => {
    const config = v.record(v.string(), v.unknown());
    const sources = {
      values: { 'app/feed': { a: 1, b: 1, c: 1, deep: { x: 1, y: 1, list: [1, 2] } } },
      file: {
        name: 'daruma.json',
        values: { 'app/feed': { b: 2, c: 2, deep: { y: 2, list: [3] } } },
      },
      env: { DARUMA__app__feed__c: '3', DARUMA__app__feed__deep__z: '3', PATH: '/bin' },
    };

    expect(await resolved(sources, withSchema(config))).toEqual({
      'app/feed': { a: 1, b: 2, c: 3, deep: { x: 1, y: 2, z: 3, list: [3] } },
    });
  });

  it('validates a place without values, so that defaults apply', async () => {
    const config = v.object({ port: v.optional(v.number(), 80) });

    expect(await resolved({}, withSchema(config))).toEqual({ 'app/feed': { port: 80 } });
  });

  it('waits for schemas that take their time', async () => {
    const config = v.pipeAsync(
      v.object({ url: v.string() }),
      v.checkAsync(async () => true),
    );

    expect(await resolved({ values: { 'app/feed': { url: 'x' } } }, withSchema(config))).toEqual({
      'app/feed': { url: 'x' },
    });
  });

  it('reads JSON from the environment only where the schema accepts it', async () => {
    const config = v.object({ password: v.string(), port: v.number(), on: v.boolean() });
    const env = {
      DARUMA__app__feed__password: '12345',
      DARUMA__app__feed__port: '8080',
      DARUMA__app__feed__on: 'true',
    };

    expect(await resolved({ env }, withSchema(config))).toEqual({
      'app/feed': { password: '12345', port: 8080, on: true },
    });
  });

  it('takes all values of a place from one variable', async () => {
    expect(await resolved({ env: { DARUMA__app__feed: '{"url":"x"}' } })).toEqual({
      'app/feed': { url: 'x', port: 80 },
    });
  });

  it('gives the copies of a template the values at *', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: feed });
    const sources = { values: { 'app/pool/*': { url: 'x' } } };

    expect(await resolved(sources, supervisor('app', [pool]))).toEqual({
      'app/pool/*': { url: 'x', port: 80 },
    });
  });

  it('treats __proto__ as a key like any other', async () => {
    const values = { 'app/feed': JSON.parse('{"__proto__":{"polluted":true}}') };
    const config = v.record(v.string(), v.unknown());

    expect(await faultsOf({ values }, withSchema(config))).toMatchInlineSnapshot(
      `"  - app/feed: config.__proto__ is not declared (from config of createSystem) [DARUMA_INVALID_CONFIG]"`,
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('resolves an item that is added later, and leaves the values of others alone', async () => {
    const { root } = compileTree(supervisor('app', [feed]));
    const [spec] = root.children as [ItemSpec];
    const values = { 'app/feed': { url: 'x' }, 'app/other': {} };
    const env = { DARUMA__app__other__x: '1' };

    expect(await resolveConfig(spec, { values, env }, 'app/feed')).toEqual(
      new Map([['app/feed', { url: 'x', port: 80 }]]),
    );
  });
});

describe('faults of configuration', () => {
  it('name the path, the key, what the schema says, and where the value is from', async () => {
    const values = { 'app/feed': { url: 3 } };

    expect(await faultsOf({ values })).toMatchInlineSnapshot(
      `"  - app/feed: config.url: Invalid type: Expected string but received 3 (from config of createSystem) [DARUMA_INVALID_CONFIG]"`,
    );
    expect(await faultsOf({ file: { name: 'daruma.json', values } })).toMatchInlineSnapshot(
      `"  - app/feed: config.url: Invalid type: Expected string but received 3 (from daruma.json) [DARUMA_INVALID_CONFIG]"`,
    );
    expect(
      await faultsOf({ env: { DARUMA__app__feed__url: 'x', DARUMA__app__feed__port: 'http' } }),
    ).toMatchInlineSnapshot(
      `"  - app/feed: config.port: Invalid type: Expected number but received "http" (from DARUMA__app__feed__port) [DARUMA_INVALID_CONFIG]"`,
    );
  });

  it('say where to set what is missing', async () => {
    expect(await faultsOf({})).toMatchInlineSnapshot(`
      "  - app/feed: config.url: Invalid key: Expected "url" but received undefined (not given) [DARUMA_INVALID_CONFIG]
          Set it in config: { 'app/feed': { ... } }, or as DARUMA__app__feed__url."
    `);
    expect(await faultsOf({ values: { 'app/feed': { ulr: 'x' } } })).toMatchInlineSnapshot(`
      "  - app/feed: config.url: Invalid key: Expected "url" but received undefined (not given) [DARUMA_INVALID_CONFIG]
          Was 'ulr' meant for it? Set it in config: { 'app/feed': { ... } }, or as DARUMA__app__feed__url."
    `);
  });

  it('are all reported at once', async () => {
    const root = supervisor('app', [
      feed,
      service('web', { config: v.object({ port: v.number() }) }, idle),
    ]);

    expect(
      await faultsOf({ values: { 'app/feed': { url: 1, port: 'x' }, 'app/wbe': {} } }, root),
    ).toMatchInlineSnapshot(`
      "  - app: config of createSystem has values for 'app/wbe', which is not in the tree. [DARUMA_INVALID_CONFIG]
          Did you mean 'app/web'?
        - app/feed: config.url: Invalid type: Expected string but received 1 (from config of createSystem) [DARUMA_INVALID_CONFIG]
        - app/feed: config.port: Invalid type: Expected number but received "x" (from config of createSystem) [DARUMA_INVALID_CONFIG]
        - app/web: config.port: Invalid key: Expected "port" but received undefined (not given) [DARUMA_INVALID_CONFIG]
          Set it in config: { 'app/web': { ... } }, or as DARUMA__app__web__port."
    `);
  });

  it('name places that nobody declared', async () => {
    expect(
      await faultsOf({ values: { 'app/fed': { url: 'x' }, 'app/feed': { url: 'x' } } }),
    ).toMatchInlineSnapshot(`
      "  - app: config of createSystem has values for 'app/fed', which is not in the tree. [DARUMA_INVALID_CONFIG]
          Did you mean 'app/feed'?"
    `);
    expect(
      await faultsOf({ values: { 'app/plain': {}, 'app/feed': { url: 'x' } } }),
    ).toMatchInlineSnapshot(`
      "  - app/plain: config of createSystem has values for it, but it declares no config. [DARUMA_INVALID_CONFIG]
          Places with a config schema: app/feed."
    `);
    expect(
      await faultsOf({ env: { DARUMA__app__fed__url: 'x', DARUMA__app__feed__url: 'x' } }),
    ).toMatchInlineSnapshot(`
      "  - app: DARUMA__app__fed__url has values for 'app/fed', which is not in the tree. [DARUMA_INVALID_CONFIG]
          Did you mean 'app/feed'?"
    `);
    expect(
      await faultsOf({ env: { DARUMA__app__plain__x: '1', DARUMA__app__feed__url: 'x' } }),
    ).toMatchInlineSnapshot(`
      "  - app/plain: DARUMA__app__plain__x has values for it, but it declares no config. [DARUMA_INVALID_CONFIG]
          Places with a config schema: app/feed."
    `);
  });

  it('name keys that nobody declared, also deep inside', async () => {
    const config = v.object({ url: v.string(), retry: v.object({ times: v.number() }) });
    const values = { 'app/feed': { url: 'x', prot: 1, retry: { times: 1, timse: 2 } } };

    expect(await faultsOf({ values }, withSchema(config))).toMatchInlineSnapshot(`
      "  - app/feed: config.prot is not declared (from config of createSystem) [DARUMA_INVALID_CONFIG]
        - app/feed: config.retry.timse is not declared (from config of createSystem) [DARUMA_INVALID_CONFIG]
          Did you mean 'times'?"
    `);
  });

  it('spare keys that a schema renames, whose value is a default, or that it takes as they come', async () => {
    const renaming = v.pipe(
      v.object({ host: v.optional(v.string(), 'localhost'), port: v.optional(v.number(), 80) }),
      v.transform(({ host, port }) => ({ origin: `${host}:${port}` })),
    );
    const values = { 'app/feed': { host: 'localhost', port: 80 } };

    expect(await resolved({ values }, withSchema(renaming))).toEqual({
      'app/feed': { origin: 'localhost:80' },
    });
    expect(await resolved({ values }, withSchema(v.looseObject({})))).toEqual(values);
  });

  it('do not tell secrets', async () => {
    const config = v.object({
      apiToken: v.number(),
      dbPassword: v.pipe(v.string(), v.minLength(20)),
    });
    const values = { 'app/feed': { apiToken: 'abc123', dbPassword: 'hunter2' } };

    const text = await faultsOf({ values }, withSchema(config));
    expect(text).not.toMatch(/abc123|hunter2/);
    expect(text).toMatchInlineSnapshot(`
      "  - app/feed: config.apiToken: Invalid type: Expected number but received [redacted] (from config of createSystem) [DARUMA_INVALID_CONFIG]
        - app/feed: config.dbPassword: Invalid length: Expected >=20 but received 7 (from config of createSystem) [DARUMA_INVALID_CONFIG]"
    `);
  });

  it('cover values that are no objects, and schemas that throw', async () => {
    const throwing: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('broken');
        },
      },
    };

    expect(await faultsOf({ values: { 'app/feed': 'x' } })).toMatchInlineSnapshot(`
      "  - app/feed: config of createSystem is not an object here; it must have values by key. [DARUMA_INVALID_CONFIG]
        - app/feed: config.url: Invalid key: Expected "url" but received undefined (not given) [DARUMA_INVALID_CONFIG]
          Set it in config: { 'app/feed': { ... } }, or as DARUMA__app__feed__url."
    `);
    expect(await faultsOf({ env: { DARUMA__app__feed: 'x' } })).toMatchInlineSnapshot(`
      "  - app/feed: DARUMA__app__feed is not an object here; it must have values by key. [DARUMA_INVALID_CONFIG]
        - app/feed: config.url: Invalid key: Expected "url" but received undefined (not given) [DARUMA_INVALID_CONFIG]
          Set it in config: { 'app/feed': { ... } }, or as DARUMA__app__feed__url."
    `);
    expect(await faultsOf({}, withSchema(throwing))).toMatchInlineSnapshot(
      `"  - app/feed: config: the schema threw: broken [DARUMA_INVALID_CONFIG]"`,
    );
  });
});

describe('configAt', () => {
  const configs = new Map<string, unknown>([
    ['app', 'root'],
    ['app/feed', 'feed'],
    ['app/pool/*', 'copy'],
    ['app/pool/*/inner/*', 'inner copy'],
  ]);

  it.each([
    ['app/feed', 'feed'],
    ['app/plain', 'root'],
    ['app/pool', 'root'],
    ['app/pool/7', 'copy'],
    ['app/pool/7/writer', 'copy'],
    ['app/pool/7/inner/8', 'inner copy'],
    ['app', 'root'],
    ['other', undefined],
  ])('%s: %s', (path, value) => {
    expect(configAt(configs, path)).toBe(value);
  });
});
