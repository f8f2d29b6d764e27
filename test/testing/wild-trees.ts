import type { AnyDefinition, AnyService, AnySupervisor } from '../../src/define/definition.ts';
import { ignore, manual, optional, service, supervisor } from '../../src/index.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import type { ReferenceTree } from './reference-trees.ts';

/**
 * Trees that nobody thought of: small ones, whose supervisors, policies, bodies and needs are drawn
 * from a seed. Those that are written by hand have in common what their author did not think of.
 */
export function wildTree(seed: number): ReferenceTree {
  return { make: () => new Gardener(seed).tree() };
}

/** So many of them, by name. */
export function wildTrees(count: number, seed: number): Readonly<Record<string, ReferenceTree>> {
  const seeds = Array.from({ length: count }, (_, nth) => seed * count + nth);
  return Object.fromEntries(seeds.map((each) => [`wild-${each}`, wildTree(each)]));
}

interface Ctx {
  sleep(duration: number | '1s'): Promise<void>;
  beat(): void;
  spawn(child: AnyDefinition): Promise<unknown>;
}

type Options = Readonly<Record<string, unknown>> & {
  readonly needs: Readonly<Record<string, AnyService | ReturnType<typeof optional>>>;
};

const delays = [0, 100, 400, 1_000] as const;
const mostLevels = 3;
/** More services make no stranger trees, only slower ones. */
const mostServices = 9;

class Gardener {
  readonly #random: () => number;
  /** In the order in which they start. */
  readonly #services: AnyService[] = [];
  /** Those that do something once, which others often need done. */
  readonly #once: AnyService[] = [];
  readonly #significant = new Set<AnyDefinition>();
  #names = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  tree(): AnySupervisor {
    return supervisor('wild', { ...this.#budget(), ...this.#order() }, this.#children(1, 2, 4));
  }

  #children(level: number, least: number, most: number): AnyDefinition[] {
    return Array.from({ length: this.#integer(least, most) }, (_, nth) => {
      const isFull = this.#services.length >= mostServices - 2;
      const isSupervisor = level < mostLevels && !isFull && this.#chance(nth === 0 ? 20 : 45);
      return isSupervisor ? this.#supervisor(level) : this.#service(level);
    });
  }

  #supervisor(level: number): AnySupervisor {
    if (this.#chance(12)) return this.#pool();
    const name = this.#name('group');
    const children = this.#children(level + 1, 2, 4);
    const options = {
      ...this.#budget(),
      ...this.#order(),
      backoff: this.#backoff(),
      strategy: this.#one([
        'one-for-one',
        'one-for-all',
        'one-for-all',
        'rest-for-one',
        'rest-for-one',
      ] as const),
      ...(this.#chance(40) && { stopWithin: this.#one([500, 1_500, 3_000, 6_000]) }),
      ...(this.#chance(20) && { whenExhausted: 'give-up' as const }),
      restart: this.#one(['permanent', 'permanent', 'transient'] as const),
    };
    const isSignificant = children.some((child) => this.#significant.has(child));
    const autoShutdown = this.#one(['any-significant', 'all-significant'] as const);
    return supervisor(name, isSignificant ? { ...options, autoShutdown } : options, children);
  }

  /** Its children are those that faults ask for. */
  #pool(): AnySupervisor {
    const restart = this.#one(['permanent', 'transient', 'temporary'] as const);
    const options = { ...this.#policies(), restart };
    const template = this.#begun('child', options, this.#body(restart === 'permanent'));
    return supervisor(this.#name('pool'), {
      ...this.#budget(),
      backoff: this.#backoff(),
      strategy: 'dynamic',
      template,
      maxChildren: this.#integer(1, 4),
      ...(this.#chance(20) && { whenExhausted: 'give-up' as const }),
    });
  }

  #service(level: number): AnyService {
    const name = this.#name('service');
    const restart = this.#one([
      'permanent',
      'permanent',
      'permanent',
      'transient',
      'temporary',
    ] as const);
    const isSignificant = level > 1 && restart !== 'permanent' && this.#chance(15);
    const options = {
      ...this.#policies(),
      restart,
      ...(isSignificant && { significant: true }),
      ...(this.#chance(20) && { firstStart: 'retry' as const }),
    };
    const made: AnyService = this.#begun(name, options, this.#body(restart === 'permanent'));
    this.#services.push(made);
    if (restart === 'transient') this.#once.push(made);
    if (isSignificant) this.#significant.add(made);
    return made;
  }

  #policies() {
    return {
      needs: this.#needs(),
      onLoss: this.#one(['suspend', 'suspend', 'restart', 'keep'] as const),
      backoff: this.#backoff(),
      stopWithin: this.#one([1_000, 2_000, 4_000, 'brutal'] as const),
      ...(this.#chance(10) && { watchdog: '3s' as const }),
      ...(this.#chance(25) && { decide: decideByName }),
    };
  }

  /** Ready at once, after a while, or when its body says so. */
  #begun(name: string, options: Options, body: (ctx: Ctx) => Promise<void>): AnyService {
    const way = this.#integer(1, 100);
    const ms = this.#one(delays);
    if (way <= 7) {
      // Now and then it is not needed any more.
      let starts = 0;
      const start = async () => (++starts % 2 === 0 ? ignore : undefined);
      return service(name, { ...options, start }, body);
    }
    if (way <= 40) {
      return service(name, { ...options, start: (ctx) => ctx.sleep(ms) }, body);
    }
    if (way <= 78) return service(name, options, body);
    return service(name, { ...options, ready: manual<number>() }, async (ctx) => {
      await ctx.sleep(ms);
      ctx.ready(1);
      await body(ctx);
    });
  }

  #body(isEndless: boolean) {
    const lastsMs =
      isEndless || this.#chance(30) ? Number.POSITIVE_INFINITY : this.#integer(1, 80) * 100;
    const child = this.#chance(10) ? this.#one([helper, team]) : undefined;
    return async (ctx: Ctx): Promise<void> => {
      for (let leftMs = lastsMs; leftMs > 0; leftMs -= 1_000) {
        if (child) await ctx.spawn(child).catch(() => {});
        ctx.beat();
        await ctx.sleep(Math.min(leftMs, 1_000));
      }
    };
  }

  /** Of those that were there before: what comes later may not be up before it. */
  #needs(): Readonly<Record<string, AnyService | ReturnType<typeof optional>>> {
    const count = Math.min(this.#services.length, this.#one([0, 0, 1, 1, 2, 2, 3]));
    const needs = new Set(
      Array.from({ length: count }, () =>
        this.#one(this.#once.length > 0 && this.#chance(25) ? this.#once : this.#services),
      ),
    );
    const optionalPercent = this.#chance(35) ? 80 : 20;
    return Object.fromEntries(
      [...needs].map((need) => [need.name, this.#chance(optionalPercent) ? optional(need) : need]),
    );
  }

  #backoff() {
    return {
      first: this.#one([0, 50, 400, 1_000]),
      max: this.#one(['1s', '3s'] as const),
      jitter: this.#one(['none', 'none', 'equal', 'full'] as const),
      resetAfter: this.#one(['1s', '10s'] as const),
    };
  }

  #budget() {
    return { intensity: this.#integer(2, 8), period: this.#one(['3s', '10s'] as const) };
  }

  #order() {
    return { start: this.#one(['sequential', 'parallel'] as const) };
  }

  #name(kind: string): string {
    return `${kind}-${++this.#names}`;
  }

  #integer(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  #chance(percent: number): boolean {
    return this.#integer(1, 100) <= percent;
  }

  #one<Value>(values: readonly Value[]): Value {
    return values[this.#integer(0, values.length - 1)] as Value;
  }
}

const helper = service('helper', { restart: 'temporary' }, async (ctx) => {
  await ctx.sleep('4s');
});

const team = supervisor('team', { restart: 'temporary' }, [helper]);

/** What was thrown says what is to be done: faults throw all shapes of errors. */
function decideByName(error: unknown) {
  if (!(error instanceof Error)) return 'stop';
  return error.name === 'AbortError' ? 'escalate' : 'restart';
}
