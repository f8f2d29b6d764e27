import hello from '../../examples/01-hello-service/services.ts';
import shop from '../../examples/02-supervision-tree/services.ts';
import { Ledger } from '../../examples/watchtower/lib/ledger.ts';
import { type Context, service } from '../../src/index.ts';
import type { StandIns } from '../../src/testing/index.ts';
import type { ReferenceTree } from './reference-trees.ts';

/** It reads its flags where it is imported: those of the test runner are none of its own. */
async function importWatchtower() {
  const { argv } = process;
  process.argv = argv.slice(0, 2);
  try {
    return (await import('../../examples/watchtower/services.ts')).default;
  } finally {
    process.argv = argv;
  }
}

const measured = service('measured', { restart: 'permanent' }, async (ctx) => {
  for (;;) {
    await ctx.sleep('1s');
    ctx.beat();
  }
});

/** Starts a few children, as the real ones do for each URL and each file. */
const spawning = {
  start: async (ctx: Context) => {
    for (const id of ['one', 'two', 'three']) await ctx.spawn(measured, { id });
  },
};

/** Whatever touches files, sockets or the machine; the others are as they are. */
const standIns: StandIns = {
  'watchtower/workspace': {
    start: () => ({
      path: 'kept',
      file: (name: string) => `kept/${name}`,
      replace: async () => {},
    }),
  },
  'watchtower/ledger': { start: (ctx) => new Ledger(ctx.now()) },
  'watchtower/target': {
    start: async (ctx) => {
      await ctx.sleep('20ms');
      return 'http://target';
    },
    run: (ctx) => ctx.sleep('25s'),
  },
  'watchtower/watch/host': {
    run: async (ctx) => {
      for (;;) {
        await ctx.sleep('1s');
        ctx.send('watchtower/publish/incidents', 'open', { subject: 'disk /', reason: '96% full' });
        ctx.beat();
      }
    },
  },
  'watchtower/watch/probes': spawning,
  'watchtower/watch/tails': spawning,
};

const watchtower = await importWatchtower();

/** The examples; what they touch beside their context is played by stand-ins. */
export const exampleTrees: Readonly<Record<string, ReferenceTree>> = {
  hello: { make: () => hello },
  shop: { make: () => shop },
  watchtower: { make: () => watchtower, standIns },
};
