import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What the machine is. */
export function machine(): string {
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `Node ${process.version}, ${availableParallelism()} × ${processor}, ${memory} GiB`;
}

/** What else it has to do: the load of the last minute, and how long work waited for a processor. */
export function business(): string {
  const load = `load ${loadavg()[0]?.toFixed(2)}`;
  const waiting = pressure();
  return waiting === undefined ? load : `${load}, ${waiting} % of the time somebody waits`;
}

/** Of the last ten seconds, in per cent; undefined where the kernel does not say. */
function pressure(): number | undefined {
  try {
    const found = /some avg10=([\d.]+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1];
    return found === undefined ? undefined : Math.round(Number(found));
  } catch {
    return undefined;
  }
}
