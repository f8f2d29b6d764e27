import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeVerdict } from './report.ts';
import { nameOf, runScenario } from './runner.ts';

describe.each(['cases.json', 'more.json'])('%s', (file) => {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const scenarios = JSON.parse(text) as readonly unknown[];

  it.each(scenarios.map((scenario) => [nameOf(scenario), scenario]))('%s', async (_, scenario) => {
    const verdict = await runScenario(scenario);

    expect(verdict.kind, describeVerdict(verdict)).toBe('passed');
  });
});
