import { lanesOf, type Span } from './timeline.ts';
import type { Trace } from './trace.ts';

const sections: Readonly<Record<Span['status'], string>> = {
  waiting: 'done',
  starting: 'active',
  running: '',
  stopping: 'done',
  backoff: 'crit',
  failed: 'crit',
  unstopped: 'crit',
};

/** More bars than anybody reads, and than GitHub draws. */
const mostBars = 200;

/**
 * A trace as a Mermaid Gantt chart, for an issue or a pull request: a section for each place, a bar
 * for each stretch of a status, a milestone for each fault. Seconds on its axis are virtual.
 */
export function toMermaid(trace: Trace): string {
  const lines = ['gantt', `  title ${titleOf(trace)}`, '  dateFormat x', '  axisFormat %H:%M:%S'];
  let bars = 0;
  for (const { path, spans, pins } of lanesOf(trace)) {
    if (spans.length === 0 && pins.length === 0) continue;
    lines.push(`  section ${textOf(path)}`);
    for (const { status, from, to, incarnation } of spans) {
      if (bars++ >= mostBars) continue;
      const tag = sections[status];
      const name = incarnation > 0 ? `${status} ${incarnation}` : status;
      lines.push(
        `  ${name} :${tag === '' ? '' : `${tag}, `}${round(from)}, ${round(Math.max(to, from + 1))}`,
      );
    }
    for (const { label, at } of pins) {
      if (bars++ >= mostBars) continue;
      lines.push(`  ${textOf(label)} :milestone, crit, ${round(at)}, 0ms`);
    }
  }
  if (bars > mostBars) lines.push(`  %% ${bars - mostBars} more are left out`);
  return `${lines.join('\n')}\n`;
}

function titleOf({ events, digest }: Trace): string {
  const lastMs = events.at(-1)?.at ?? 0;
  return `${events.length} events in ${round(lastMs)} ms of virtual time (${digest.slice(0, 8)})`;
}

/** What Mermaid would take for syntax is left out. */
function textOf(text: string): string {
  return text.replaceAll(/[:;,#%\n]/g, ' ');
}

function round(ms: number): number {
  return Math.round(ms);
}
