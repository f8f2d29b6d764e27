import type { History } from '../harness/history.ts';
import { lineOf } from '../harness/log.ts';

/**
 * 4 and 11. Where two runs of the same plan part: nowhere. The reports of failing listeners do not
 * count, which are all that those may change.
 */
export function differences(oneName: string, one: History, otherName: string, other: History) {
  const [these, those] = [happenings(one), happenings(other)];
  const longer = these.length > those.length ? these : those;
  const at = longer.findIndex((_line, index) => these[index] !== those[index]);
  const said = (lines: readonly string[]) => lines[at] ?? 'nothing more';
  return at < 0 ? [] : [`${oneName}: ${said(these)}; ${otherName}: ${said(those)}`];
}

/** What happened as text: without positions and stacks. */
function happenings(history: History): string[] {
  return history.entries
    .filter((entry) => entry.kind !== 'event' || entry.event.type !== 'listener-failed')
    .map((entry) => lineOf({ ...entry, n: 0 }).replace(/(strays \w+) \d+/, '$1'));
}
