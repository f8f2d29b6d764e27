import { processHealth, supervisor } from 'daruma';
import { alerts } from './alerts.ts';
import { backfill } from './backfill.ts';
import { board } from './board.ts';
import { incidents } from './incidents.ts';
import { files } from './outside/files.ts';
import { site } from './outside/site.ts';
import { web } from './outside/web.ts';
import { pageWatch, pluginHost } from './page-watch.ts';
import { probes } from './probes.ts';
import { prune } from './prune.ts';
import { pulse } from './pulse.ts';
import { recorder } from './recorder.ts';
import { settings } from './settings.ts';
import { store } from './store.ts';
import { summary } from './summary.ts';
import { worker } from './worker.ts';

/**
 * Watches some URLs. What is above is ready before what is below starts, and stops after it: nothing
 * is measured before somebody writes it down.
 */
export default supervisor('watchtower', { config: settings(process.argv.slice(2)) }, [
  // The edges: all that touches the network and the disk.
  supervisor('outside', { start: 'parallel' }, [web, files, site]),
  // What is remembered.
  store,
  // What follows from a check. They know the bus, and not each other.
  supervisor('reactions', { start: 'parallel' }, [recorder, incidents, alerts]),
  // Who speaks of it now and then, and clears up.
  supervisor('desk', { start: 'parallel' }, [worker, backfill, board, summary, prune]),
  // Who measures: a probe for each target, below a supervisor of its own.
  probes,
  // Probes of another kind, as plugins.
  supervisor('extras', { start: 'parallel' }, [pluginHost, pageWatch]),
  // Who watches the watchtower.
  supervisor('self', { start: 'parallel' }, [pulse, processHealth('process')]),
]);
