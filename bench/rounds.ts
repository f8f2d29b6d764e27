import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Figures } from './bench.ts';

const script = fileURLToPath(new URL('measure.ts', import.meta.url));

/** What one contender did in one case, in the order of the rounds. */
export interface Row {
  readonly case: string;
  readonly contender: string;
  readonly rounds: readonly Figures[];
}

export interface RoundOptions {
  readonly rounds: number;
  readonly isQuick: boolean;
}

/**
 * Measures everything `rounds` times. Contenders take turns, forwards and backwards, so that what
 * else the machine does strikes all of them.
 */
export async function measureAll(bench: Bench, options: RoundOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const nameOfCase of bench.cases) {
    const contenders = bench.contenders.filter((name) => bench.has?.(name, nameOfCase) ?? true);
    const measured = new Map<string, Figures[]>(contenders.map((name) => [name, []]));
    for (let round = 0; round < options.rounds; round++) {
      const order = round % 2 === 0 ? contenders : contenders.toReversed();
      for (const contender of order) {
        const size = options.isQuick ? 'quick' : 'full';
        measured.get(contender)?.push(await measureOnce(bench.name, contender, nameOfCase, size));
      }
    }
    for (const [contender, rounds] of measured) rows.push({ case: nameOfCase, contender, rounds });
  }
  return rows;
}

async function measureOnce(...what: readonly string[]): Promise<Figures> {
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', script, ...what];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as Figures;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(`${what.join(' ')} came to nothing.\n${stderr}`, { cause: error });
  }
}
