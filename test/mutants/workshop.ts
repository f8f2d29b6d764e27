import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Assignment, Finding } from './judge.ts';
import type { Mutant } from './mutant.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What the checks need of the repository. */
const parts = ['actors', 'src', 'test/testing', 'test/mutants', 'package.json'];

/** Without a finding for so long, a seed counts as one that never comes back. */
const patienceMs = 120_000;

/** A copy of the sources, in which one mutant at a time is planted and looked for. */
export class Workshop {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'daruma-mutants-'));
    for (const part of parts) {
      await cp(join(repository, part), join(folder, part), { recursive: true });
    }
    const modules = await realpath(join(repository, 'node_modules'));
    await symlink(modules, join(folder, 'node_modules'));
    return new Workshop(folder);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Plants a mutant, looks for it, and takes it out again; without one, looks at the original. */
  async examine(mutant: Mutant | undefined, assignment: Assignment): Promise<Finding[]> {
    if (!mutant) return await this.#search(assignment);
    const file = join(this.#folder, mutant.file);
    const original = await readFile(file, 'utf8');
    await writeFile(
      file,
      original.replace(mutant.from, () => mutant.to),
    );
    try {
      const isOfJobs = mutant.isOfJobs === true;
      return await this.#search({ ...assignment, isOfJobs });
    } finally {
      await writeFile(file, original);
    }
  }

  /** A seed that hangs is one that was found; after two of them the others are taken to hang too. */
  async #search(assignment: Assignment): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (let hangs = 0; findings.length < assignment.seeds.length; ) {
      const seeds = assignment.seeds.slice(findings.length);
      const isOver = await this.#run({ ...assignment, seeds }, (finding) => findings.push(finding));
      if (isOver) break;
      const [seed = 0] = assignment.seeds.slice(findings.length);
      findings.push({ seed, runs: 1, invariant: 'hang' });
      if (++hangs < 2) continue;
      for (const left of assignment.seeds.slice(findings.length)) {
        findings.push({ seed: left, runs: 1, invariant: 'hang' });
      }
    }
    return findings;
  }

  /** Resolves when all seeds are through, or one takes too long: whether it was the former. */
  #run(assignment: Assignment, onFinding: (finding: Finding) => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const judge = spawn(
        process.execPath,
        ['--no-warnings', 'test/mutants/judge.ts', JSON.stringify(assignment)],
        { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let hasBegun = false;
      let isLate = false;
      let complaints = '';
      const giveUp = () => {
        isLate = true;
        judge.kill('SIGKILL');
      };
      let patience = setTimeout(giveUp, patienceMs);
      judge.stderr.on('data', (data) => {
        complaints = `${complaints}${data}`.slice(-2_000);
      });
      createInterface({ input: judge.stdout }).on('line', (line) => {
        clearTimeout(patience);
        patience = setTimeout(giveUp, patienceMs);
        if (hasBegun) onFinding(JSON.parse(line) as Finding);
        hasBegun = true;
      });
      judge.on('close', (code) => {
        clearTimeout(patience);
        if (code === 0 || isLate) resolve(!isLate);
        else if (hasBegun) resolve(false);
        else reject(new Error(`It does not even load:\n${complaints}`));
      });
    });
  }
}
