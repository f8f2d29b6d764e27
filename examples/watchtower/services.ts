import { processHealth, supervisor } from 'daruma';
import { backfill } from './backfill.ts';
import { board } from './board.ts';
import { files } from './outside/files.ts';
import { site } from './outside/site.ts';
import { web } from './outside/web.ts';
import { pageWatch, pluginHost } from './page-watch.ts';
import { probes } from './probes.ts';
import { pulse } from './pulse.ts';
import { reactions } from './reactions.ts';
import { settings } from './settings.ts';
import { store } from './store.ts';
import { summary } from './summary.ts';
import { worker } from './worker.ts';

const parallel = { start: 'parallel' } as const;

/**
 * Watches some URLs. Everything starts at once, and only needs give an order: the store comes before
 * who writes to it, and the probes come last. It stops the other way round.
 */
export default supervisor(
  'watchtower',
  { config: settings(process.argv.slice(2)), start: 'parallel' },
  [
    // The edges: all that touches the network and the disk.
    supervisor('outside', parallel, [web, files, site]),
    // What is remembered.
    store,
    // Who measures: a probe for each target, below a supervisor of its own.
    probes,
    // What follows from a check. They know the bus, and not each other.
    reactions,
    // Who speaks of it now and then, and what is done once.
    supervisor('desk', parallel, [worker, backfill, board, summary]),
    // Probes of another kind, as plugins.
    supervisor('extras', parallel, [pluginHost, pageWatch]),
    // Who watches the watchtower.
    supervisor('self', parallel, [pulse, processHealth('process')]),
  ],
);
