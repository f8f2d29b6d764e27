import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckFailure } from './check-tree.ts';
import type { FaultPlan } from './plan.ts';
import { Trace } from './trace.ts';

const ending = '.trace.jsonl';

/** The plans of the failures in a folder, by file name; none when there is no such folder. */
export async function loadRegressions(folder: string): Promise<FaultPlan[]> {
  const files = await readdir(folder).catch(() => []);
  const traces = files.filter((file) => file.endsWith(ending)).sort();
  return await Promise.all(
    traces.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      return Trace.fromJSONL(text).header.plan;
    }),
  );
}

/** Puts the trace of a failure into a folder, under a name that says what it is. Returns its path. */
export async function saveRegression(folder: string, failure: CheckFailure): Promise<string> {
  const { trace } = failure.run;
  const file = join(folder, `${failure.violation.invariant}-${trace.digest.slice(0, 8)}${ending}`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, trace.toJSONL());
  return file;
}
