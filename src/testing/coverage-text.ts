import type { CoverageReport, Ratio } from './coverage.ts';

const columns = [
  'waiting',
  'starting',
  'running',
  'stopping',
  'ended',
  'backoff',
  'stopped',
  'failed',
  'unstopped',
];

/** What was reached, as text for a terminal. */
export function renderCoverage(report: CoverageReport, mostMissing = 20): string {
  const { runs, states, transitions, kinds, missing, eventPairs, sometimes } = report;
  const lines = [
    `Coverage of ${runs} runs: states ${shown(states)}, transitions ${shown(transitions)}, ${eventPairs.size} event pairs`,
    '',
    ...kinds.map(
      ({ name, items, states: own, transitions: ways }) =>
        `  ${name} (${items}): states ${shown(own)}, transitions ${shown(ways)}`,
    ),
    ...matrix(report),
  ];
  if (sometimes.size > 0) {
    lines.push('', 'Sometimes');
    for (const [name, times] of sometimes)
      lines.push(`  ${name}: ${times === 0 ? 'never' : times}`);
  }
  if (missing.length > 0) {
    lines.push('', `Never reached (${missing.length})`);
    lines.push(...missing.slice(0, mostMissing).map((each) => `  ${each}`));
    if (missing.length > mostMissing) lines.push(`  and ${missing.length - mostMissing} more`);
  }
  return `${lines.join('\n')}\n`;
}

/** Which fault struck in which state; a dot where none ever did. */
function matrix({ faultByState }: CoverageReport): string[] {
  if (faultByState.size === 0) return [];
  const names = [...faultByState.keys()].sort();
  const width = Math.max(...names.map((name) => name.length));
  const head = columns.map((state) => state.slice(0, 9).padStart(10)).join('');
  return [
    '',
    `  ${'fault in state'.padEnd(width)}${head}`,
    ...names.map((name) => {
      const byState = faultByState.get(name);
      const cells = columns.map((state) => String(byState?.get(state) ?? '·').padStart(10));
      return `  ${name.padEnd(width)}${cells.join('')}`;
    }),
  ];
}

function shown({ hit, total }: Ratio): string {
  return `${hit}/${total}`;
}
