import { type CompiledTree, compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';

/** A tree with something of everything, for drawings. */
export function shop(): CompiledTree {
  const database = service('database', { startWithin: '15s', start: () => new Map() });
  const migrate = service('migrate', { restart: 'transient', needs: { database } }, () => {});
  const feed = service(
    'feed',
    { needs: { database }, watchdog: '30s', backoff: { first: '200ms', max: '5m' } },
    () => {},
  );
  const api = service('api', { needs: { feed, cache: optional(database) } }, () => {});
  const edge = supervisor(
    'edge',
    { strategy: 'rest-for-one', start: 'parallel', intensity: 5, period: '10s' },
    [feed, api],
  );
  const mailer = service('mailer', { stopWithin: 'brutal', firstStart: 'retry' }, () => {});
  const worker = service('worker', { restart: 'temporary' }, () => {});
  const pool = supervisor('pool', { strategy: 'dynamic', template: worker, maxChildren: 100 });
  return compileTree(supervisor('shop', [database, migrate, edge, mailer, pool]));
}

/** The compiled tree `app` of these children. */
export function app(...children: readonly AnyDefinition[]): CompiledTree {
  return compileTree(supervisor('app', children));
}
