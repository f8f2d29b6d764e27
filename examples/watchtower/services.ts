import { supervisor } from 'daruma';
import { host } from './host.ts';
import { incidents } from './incidents.ts';
import { ledger } from './ledger.ts';
import { probes } from './probes.ts';
import { report } from './report.ts';
import { settings } from './settings.ts';
import { summary } from './summary.ts';
import { tails } from './tails.ts';
import { target } from './target.ts';
import { workspace } from './workspace.ts';

/**
 * Watches this host, some URLs and some log files. What is above is ready before what is below
 * starts, and stops after it: the last report knows everything that was measured.
 */
export default supervisor('watchtower', { config: settings(process.argv.slice(2)) }, [
  // Where everything is kept.
  workspace,
  ledger,
  // Who speaks of it.
  supervisor('publish', { start: 'parallel' }, [report, incidents, summary]),
  // Something to watch when there is nothing else.
  target,
  // Who measures: in any order, each for itself.
  supervisor('watch', { start: 'parallel' }, [host, probes, tails]),
]);
