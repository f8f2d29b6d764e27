import type { FaultPlan } from './plan.ts';

/** A plan as TypeScript that can be pasted into a test. */
export function printPlan(plan: FaultPlan, name = 'plan'): string {
  const faults = plan.faults.map((fault) => `    ${literal(fault)},`);
  const rest = [
    `choices: ${literal(plan.choices)},`,
    `policy: ${literal(plan.policy)},`,
    `horizonMs: ${plan.horizonMs},`,
    ...(plan.healMs === undefined ? [] : [`healMs: ${plan.healMs},`]),
    `seed: ${plan.seed},`,
  ];
  return [
    `const ${name}: FaultPlan = {`,
    ...(faults.length === 0 ? ['  faults: [],'] : ['  faults: [', ...faults, '  ],']),
    ...rest.map((line) => `  ${line}`),
    '};',
  ].join('\n');
}

function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${literal(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
