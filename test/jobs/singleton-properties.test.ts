import fc from 'fast-check';
import { expect, it } from 'vitest';
import { service, singleton, supervisor } from '../../src/index.ts';
import { Cluster, type Replica } from './replicas.ts';

const { DARUMA_RUNS = '150', DARUMA_SEED = '42' } = process.env;
const numRuns = Number(DARUMA_RUNS);
const leaseMs = 3_000;

type Step =
  | { readonly do: 'kill' | 'stop' | 'cut' | 'heal' | 'freeze' | 'thaw'; readonly nth: number }
  | { readonly do: 'start'; readonly stopMs: number }
  | { readonly do: 'setBack'; readonly ms: number }
  | { readonly do: 'wait'; readonly ms: number };

const ms = fc.integer({ min: 1, max: 2_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('kill', 'stop', 'cut', 'heal', 'freeze', 'thaw'),
    nth: fc.nat(3),
  }),
  fc.record({ do: fc.constant('start' as const), stopMs: fc.integer({ min: 0, max: 2_000 }) }),
  fc.record({ do: fc.constant('setBack' as const), ms }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
);

/** Replicas that come and go, and what is wrong about what they do. */
class Trial {
  readonly cluster: Cluster<ReturnType<Trial['tree']>>;
  readonly replicas: Replica<ReturnType<Trial['tree']>>[] = [];
  /** Whose work is under way. */
  readonly working = new Set<string>();
  readonly faults: string[] = [];
  readonly tokens: number[] = [];
  #stopMs = 0;
  #started = 0;

  constructor() {
    this.cluster = new Cluster((name) => this.tree(name));
  }

  tree(name: string) {
    const stopMs = this.#stopMs;
    const { cluster, working } = this;
    return supervisor('app', [
      singleton('billing', { lease: leaseMs }, (lease) =>
        service('run', async (ctx) => {
          this.tokens.push(lease.token);
          const others = [...working].filter((other) => other !== name && this.#acts(other));
          if (others.length > 0) this.faults.push(`${name} begins beside ${others}`);
          working.add(name);
          // An end that takes longer than the margin is cut off.
          await ctx.sleep('1d').catch(() => {});
          await new Promise<void>((resolve) => cluster.clock.setTimeout(resolve, stopMs));
          working.delete(name);
        }),
      ),
    ]);
  }

  async take(given: Step): Promise<void> {
    if (given.do === 'wait') return this.cluster.advance(given.ms);
    if (given.do === 'setBack') return this.cluster.clock.jump(-given.ms);
    if (given.do === 'start') {
      if (this.replicas.length === 4) return;
      this.#stopMs = given.stopMs;
      const replica = await this.cluster.start(`r${++this.#started}`);
      this.replicas.push(replica);
      replica.system.events$.subscribe(({ type }) => {
        if (type === 'unstopped') this.working.delete(replica.name);
      });
      return;
    }
    const replica = this.replicas[given.nth];
    if (replica) this.#strike(replica, given.do);
  }

  /** Everybody can do everything again; says who works a while later. */
  async heal(): Promise<string[]> {
    for (const { line, clock } of this.replicas) {
      line.isCut = false;
      if (clock.isStopped) clock.resume();
    }
    await this.cluster.advance(4 * leaseMs);
    return [...this.working].filter((name) => this.#acts(name));
  }

  #strike(replica: (typeof this.replicas)[0], what: Step['do']): void {
    const { line, clock, name } = replica;
    switch (what) {
      case 'kill':
        replica.kill();
        this.working.delete(name);
        this.#remove(replica);
        break;
      case 'stop':
        if (clock.isStopped) return;
        void replica.system.stop();
        this.#remove(replica);
        break;
      case 'cut':
        line.isCut = true;
        break;
      case 'heal':
        line.isCut = false;
        break;
      case 'freeze':
        clock.isStopped = true;
        break;
      case 'thaw':
        if (clock.isStopped) clock.resume();
    }
  }

  #remove(replica: (typeof this.replicas)[0]): void {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
  }

  #acts(name: string): boolean {
    return !this.replicas.find((replica) => replica.name === name)?.clock.isStopped;
  }
}

it(
  'no two replicas ever work, tokens only go up, and in the end one works',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const trial = new Trial();
        await trial.take({ do: 'start', stopMs: 0 });
        for (const each of steps) await trial.take(each);
        if (trial.replicas.length === 0) await trial.take({ do: 'start', stopMs: 0 });
        const atWork = await trial.heal();

        expect(trial.faults).toEqual([]);
        expect(trial.tokens).toEqual([...new Set(trial.tokens)].sort((one, two) => one - two));
        expect(atWork).toHaveLength(1);
      }),
      { numRuns, seed: Number(DARUMA_SEED) },
    );
  },
  30_000 + 500 * numRuns,
);
