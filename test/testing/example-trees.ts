import hello from '../../examples/01-hello-service/services.ts';
import shop from '../../examples/02-supervision-tree/services.ts';
import type { Answer } from '../../examples/watchtower/outside/web.ts';
import { ignore } from '../../src/index.ts';
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

/** What the page answers next: every page is down now and then, and one does not accept the token. */
function answerTo(url: string, nth: number): Answer {
  if (url.endsWith('/admin') && nth > 3) return { status: 401, ms: 2 };
  return { status: nth % 40 < 12 ? 500 : 200, ms: 5 };
}

/** Whatever touches files, sockets or modules; the others are as they are. */
const standIns: StandIns = {
  'watchtower/outside/web': {
    start: (ctx) => {
      let asked = 0;
      const answer = async (url: string) => {
        await ctx.sleep('20ms');
        return answerTo(url, ++asked);
      };
      return { get: answer, post: answer };
    },
  },
  'watchtower/outside/files': {
    start: () => ({ write: async (name: string) => name, read: async () => '' }),
  },
  'watchtower/outside/site': {
    start: async (ctx) => {
      await ctx.sleep('20ms');
      return 'http://site';
    },
    run: (ctx) => ctx.sleep('25s'),
  },
  'watchtower/extras/page-watch': { start: () => ignore },
};

const watchtower = await importWatchtower();

/** The examples; what they touch beside their context is played by stand-ins. */
export const exampleTrees: Readonly<Record<string, ReferenceTree>> = {
  hello: { make: () => hello },
  shop: { make: () => shop },
  watchtower: { make: () => watchtower, standIns },
};
