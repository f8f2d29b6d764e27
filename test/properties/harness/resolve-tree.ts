import type { GroupPlan, ItemPlan, NeedPlan, ServicePlan } from './plan.ts';
import type { RawGroup, RawItem, RawNeed, RawService } from './tree-arbitrary.ts';

/** Something that may be needed by what comes after it. */
interface Candidate {
  readonly path: string;
}

/**
 * Gives everything a name, and makes it legal. Needs point at what was numbered before, above
 * nobody who has them: so no two things can wait for each other.
 */
export class TreeResolver {
  readonly #candidates: Candidate[] = [];
  #services = 0;
  #groups = 0;

  root(raw: RawGroup): GroupPlan {
    const { restart: _restart, significant: _significant, ...root } = raw;
    return this.#group({ ...root, strategy: raw.strategy ?? 'one-for-one' }, 'app', 'app', true);
  }

  /** A service that a call may add anywhere: it needs nothing. */
  spare(raw: RawService, id: string): ServicePlan {
    const { needs: _needs, onLoss: _onLoss, significant: _significant, ...plain } = raw;
    return tidyBody({ ...plain, id });
  }

  #item(raw: RawItem, parent: RawGroup, parentPath: string, isLasting: boolean): ItemPlan {
    if (raw.kind === 'group') {
      const id = `g${++this.#groups}`;
      const group = this.#group(
        significantUnder(raw, parent),
        id,
        `${parentPath}/${id}`,
        isLasting,
      );
      return group;
    }
    const id = `s${++this.#services}`;
    const { needs = [], onLoss, ...rest } = significantUnder(raw, parent);
    const resolved = this.#needs(needs, parentPath);
    const service: ServicePlan = tidyBody({
      ...rest,
      id,
      ...(resolved.length > 0 && { needs: resolved, ...(onLoss && { onLoss }) }),
    });
    if (isLasting) this.#candidates.push({ path: `${parentPath}/${id}` });
    return service;
  }

  #group(raw: RawGroup, id: string, path: string, isLasting: boolean): GroupPlan {
    const { reversed = false, maxChildren, items, start, ...rest } = raw;
    const isDynamic = raw.strategy === 'dynamic';
    const kept = isDynamic ? items.slice(0, 1) : items;
    const resolved = kept.map((item) => this.#item(item, raw, path, isLasting && !isDynamic));
    if (isLasting && path !== 'app') this.#candidates.push({ path });
    return {
      ...rest,
      id,
      ...(!isDynamic && start && { start }),
      ...(isDynamic && maxChildren !== undefined && { maxChildren }),
      items: reversed && start === 'parallel' && !isDynamic ? resolved.toReversed() : resolved,
    };
  }

  #needs(raw: readonly RawNeed[], parentPath: string): NeedPlan[] {
    const isAbove = (path: string) => parentPath === path || parentPath.startsWith(`${path}/`);
    const eligible = this.#candidates.filter(({ path }) => !isAbove(path));
    const needs = new Map<string, NeedPlan>();
    for (const { nth, optional } of raw) {
      // The nearest first: shrinking leads there.
      const candidate = eligible.at(-1 - (nth % Math.max(1, eligible.length)));
      if (!candidate) continue;
      needs.set(candidate.path, { ...candidate, ...(optional && { optional }) });
    }
    return [...needs.values()];
  }
}

function significantUnder<Raw extends RawItem>(raw: Raw, { autoShutdown }: RawGroup): Raw {
  const { significant, ...rest } = raw;
  if (!significant || autoShutdown === undefined) return rest as Raw;
  const restart = raw.restart === 'temporary' ? 'temporary' : 'transient';
  return { ...rest, significant, restart } as Raw;
}

/** Logic has no hooks. */
function tidyBody(plan: ServicePlan): ServicePlan {
  if (!['machine', 'promise', 'callback'].includes(plan.form)) return plan;
  const { stopHook: _stop, drainHook: _drain, waits: _waits, ...rest } = plan;
  return rest;
}
