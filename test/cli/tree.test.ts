import { describe, expect, it } from 'vitest';
import { type Outlook, outlookOf } from '../../src/cli/outlook.ts';
import { plain } from '../../src/cli/style.ts';
import { treeJson } from '../../src/cli/tree-json.ts';
import { treeMermaid } from '../../src/cli/tree-mermaid.ts';
import { treeText } from '../../src/cli/tree-text.ts';
import type { CompiledTree } from '../../src/define/compile.ts';
import { service } from '../../src/define/service.ts';
import { app, shop } from './tree-of.ts';

const outlook = ({ root }: CompiledTree): Outlook => outlookOf(root, 25_000, 60_000);
const text = (tree: CompiledTree, columns?: number): string =>
  treeText(tree.root, outlook(tree), { paint: plain, columns });

describe('tree as text', () => {
  it('shows policies, limits, needs and what differs from the defaults', () => {
    expect(`\n${text(shop())}\n`).toMatchInlineSnapshot(`
      "
                                                  start    stop
      shop                one-for-one               55s     25s
      ├─ database         permanent                 15s      5s
      ├─ migrate          transient                 10s      5s  ← database
      ├─ edge             rest-for-one, parallel    20s     10s  5 restarts in 10s
      │  ├─ feed          permanent                 10s      5s  ← shop/database · watchdog 30s · backoff 200ms–5m
      │  └─ api           permanent                 10s      5s  ← feed, shop/database?
      ├─ mailer           permanent                 10s  brutal  first start is retried
      └─ pool             dynamic                     0      5s  at most 100 children
         └─ * (template)  temporary                 10s      5s

      5 services, 3 supervisors, 1 template
      ✔ worst-case start  55s, within 1m
      ! worst-case stop   25s, more than 24s (grace 25s, 1s kept to leave)
      "
    `);
  });

  it('says when a start or a stop has no limit', () => {
    const endless = service('endless', { stopWithin: 'infinity', start: () => 1 });

    expect(`\n${text(app(endless))}\n`).toMatchInlineSnapshot(`
      "
                               start  stop
      app         one-for-one    10s     ∞
      └─ endless  permanent      10s     ∞

      1 service, 1 supervisor
      ✔ worst-case start  10s, within 1m
      ! worst-case stop   no limit, more than 24s (grace 25s, 1s kept to leave)
      "
    `);
  });

  it('names all that a service does differently', () => {
    const odd = service(
      'odd',
      {
        restart: 'temporary',
        decide: () => 'stop',
        backoff: { factor: 3, jitter: 'none', resetAfter: '5m' },
        onLoss: 'keep',
        ready: 'manual',
        receive: { ping: () => 'pong', stats: () => 1 },
        mailbox: 10,
        whileDown: 'buffer',
      },
      () => {},
    );

    expect(`\n${text(app(odd), 80)}\n`).toMatchInlineSnapshot(`
      "
                           start  stop
      app     one-for-one    10s    5s
      └─ odd  temporary      10s    5s  onLoss keep · decide() · says when it is ready
                                        receives ping, stats · mailbox 10
                                        whileDown buffer · factor 3 · jitter none
                                        reset after 5m

      1 service, 1 supervisor
      ✔ worst-case start  10s, within 1m
      ✔ worst-case stop   5s, within 24s (grace 25s, 1s kept to leave)
      "
    `);
  });
});

describe('tree as mermaid', () => {
  it('draws supervision as lines and needs as dotted arrows', () => {
    const tree = shop();

    expect(`\n${treeMermaid(tree.root, outlook(tree))}\n`).toMatchInlineSnapshot(`
      "
      flowchart TD
        %% worst-case start 55s, stop 25s
        n0{{"shop<br/>one-for-one"}}
        n1["database<br/>permanent"]
        n2["migrate<br/>transient"]
        n3("edge<br/>rest-for-one, parallel")
        n4["feed<br/>permanent"]
        n5["api<br/>permanent"]
        n6["mailer<br/>permanent"]
        n7("pool<br/>dynamic")
        n8(["template<br/>temporary"])
        n0 --- n1
        n0 --- n2
        n0 --- n3
        n3 --- n4
        n3 --- n5
        n0 --- n6
        n0 --- n7
        n7 --- n8
        n2 -. needs .-> n1
        n4 -. needs .-> n1
        n5 -. needs .-> n4
        n5 -. optional .-> n1
        classDef supervisor font-weight:bold
        class n0,n3,n7 supervisor
      "
    `);
  });

  it('escapes what has a meaning in a label', () => {
    const tree = app(service('a"b<c>', () => {}));

    expect(treeMermaid(tree.root, outlook(tree))).toContain('["a#34;b#60;c#62;<br/>permanent"]');
  });
});

describe('tree as JSON', () => {
  const data = JSON.parse(treeJson(shop().root, outlook(shop()), [])) as {
    worstCase: unknown;
    tree: { children: Record<string, unknown>[] };
  };

  it('has the worst cases', () => {
    expect(data.worstCase).toMatchInlineSnapshot(`
      {
        "bootWithinMs": 60000,
        "graceMs": 25000,
        "startMs": 55000,
        "stopMs": 25000,
        "stopWithinMs": 24000,
      }
    `);
  });

  it('has every option of every item, with null for what has no limit', () => {
    const [database, , edge, , pool] = data.tree.children;

    expect(database).toMatchInlineSnapshot(`
      {
        "backoff": {
          "factor": 2,
          "firstMs": 100,
          "jitter": "full",
          "maxMs": 30000,
          "resetAfterMs": 60000,
        },
        "body": {
          "battery": null,
          "hooks": [
            "start",
          ],
          "kind": "hooks",
          "ready": "immediate",
        },
        "config": false,
        "decide": false,
        "firstStart": "fail",
        "health": [],
        "input": null,
        "kind": "service",
        "mailbox": 1000,
        "name": "database",
        "needs": [],
        "onLoss": "suspend",
        "path": "shop/database",
        "receive": [],
        "restart": "permanent",
        "significant": false,
        "startWithinMs": 15000,
        "stopWithinMs": 5000,
        "watchdogMs": null,
        "whileDown": "reject",
      }
    `);
    expect(edge).toMatchObject({ path: 'shop/edge', stopWithinMs: null, worstCase: {} });
    expect(pool).toMatchObject({ template: { path: 'shop/pool/*' }, children: [] });
  });
});
