import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import { assertionsHold } from './assertions.ts';
import type { Of } from './place.ts';
import { violationOf } from './violation.ts';

/** What begins like this was thrown by a fault. */
const onPurpose = 'injected:';

/** Remembers whom faults have struck: what they do after that is no fault of theirs. */
class Struck {
  readonly #paths = new Set<string>();
  readonly #root: string;
  last: Of<'fault'> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  note(event: TraceEvent): void {
    if (event.type !== 'fault') return;
    this.last = event;
    // While the event loop stands still, nobody gets anywhere.
    this.#paths.add(event.fault.kind === 'eventLoopStall' ? this.#root : event.path);
  }

  /** A fault of the whole system strikes everybody. */
  has(path: string): boolean {
    return this.#paths.has(path) || this.#paths.has(this.#root);
  }
}

const failsAlone = violationOf('failsOnlyWhenStruck');

/**
 * A service fails only when a fault strikes it. One that fails because something else is down should
 * say that it needs it: then it is stopped before, and started again after.
 */
export const failsOnlyWhenStruck: Invariant = {
  name: 'failsOnlyWhenStruck',
  description: 'A service fails only when a fault strikes it, not because another one is down.',
  kind: 'safety',
  needs: ['bodies'],
  begin(tree, book) {
    const struck = new Struck(tree.root.name);
    const down = new Down(tree);
    return {
      onEvent(event) {
        struck.note(event);
        down.note(event);
        const error = failureOf(event);
        if (!error || struck.has(event.path) || error.message.startsWith(onPurpose))
          return undefined;
        if (tree.specAt(event.path)?.kind !== 'service') return undefined;
        const culprit = down.latestBeside(event.path);
        const needs = tree.needsOf(event.path).map((need) => need.path);
        const isForgotten = culprit !== undefined && !needs.includes(culprit.path);
        const hint = isForgotten ? ` Does it need ${culprit.path}, and not say so?` : '';
        const also = culprit ? `, while ${culprit.path} is down` : '';
        return failsAlone(
          event,
          `${event.path} fails though no fault has struck it${also}: ${error.message}.${hint}`,
          struck.last,
          culprit,
          book.place(event.path).starting,
          book.place(event.path).ready,
        );
      },
    };
  },
};

function failureOf(event: TraceEvent): { readonly message: string } | undefined {
  if (event.type === 'start-failed') return event.error;
  return event.type === 'ended' && event.reason === 'error' ? event.error : undefined;
}

/** Remembers which services went down and are not ready again. */
class Down {
  readonly #since = new Map<string, TraceEvent>();
  readonly #tree: TreeInfo;

  constructor(tree: TreeInfo) {
    this.#tree = tree;
  }

  note(event: TraceEvent): void {
    const { type, path } = event;
    if (type === 'ready') this.#since.delete(path);
    if (type !== 'ended' && type !== 'start-failed' && type !== 'stop-requested') return;
    const isService = this.#tree.specAt(path)?.kind === 'service';
    if (isService && !this.#since.has(path)) this.#since.set(path, event);
  }

  latestBeside(path: string): TraceEvent | undefined {
    return [...this.#since.values()].filter((event) => event.path !== path).at(-1);
  }
}

const hangs = violationOf('stopsInTime');

/** A service that no fault has struck stops within its limit. */
export const stopsInTime: Invariant = {
  name: 'stopsInTime',
  description: 'A service that no fault has struck stops within its limit.',
  kind: 'safety',
  needs: ['bodies'],
  begin(tree, book) {
    const struck = new Struck(tree.root.name);
    return {
      onEvent(event) {
        struck.note(event);
        if (event.type !== 'unstopped' || struck.has(event.path)) return undefined;
        const spec = tree.specAt(event.path);
        if (spec?.kind !== 'service' || spec.stopWithinMs === 'brutal') return undefined;
        const { asked, starting, aborted, bodyOver } = book.place(event.path);
        const isBody = bodyOver === undefined;
        const what = isBody ? 'its body has not returned' : 'its stop hook or cleanup is not over';
        return hangs(
          event,
          `${event.path} does not stop within ${event.limitMs} ms, though no fault has struck it: ${what}.`,
          struck.last,
          starting,
          asked,
          aborted,
        );
      },
    };
  },
};

const outlives = violationOf('endsWithItsIncarnation');

/** Nothing that an incarnation has begun goes on after its end. */
export const endsWithItsIncarnation: Invariant = {
  name: 'endsWithItsIncarnation',
  description: 'What an incarnation has begun does not use its context after its end.',
  kind: 'safety',
  needs: ['bodies'],
  begin(tree, book) {
    const struck = new Struck(tree.root.name);
    const ends = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        struck.note(event);
        if (event.type === 'ended' || event.type === 'unstopped') ends.set(event.path, event);
        const message = staleMessage(event);
        if (message === undefined) return undefined;
        const [, owner = event.path] = /^(\S+) \(life/.exec(message) ?? [];
        return outlives(
          event,
          `Something that ${owner} has begun goes on after its end: ${message}`,
          struck.last,
          ends.get(event.path),
          book.place(event.path).starting,
        );
      },
    };
  },
};

function staleMessage(event: TraceEvent): string | undefined {
  if (event.type === 'stray-error' && event.error.code === 'DARUMA_STALE_INCARNATION') {
    return event.error.message;
  }
  if (event.type !== 'ended' || event.error?.code !== 'DARUMA_STALE_INCARNATION') return undefined;
  return event.error.message;
}

/**
 * What bodies keep that are written well, whatever happens to others. Give them together with those
 * of supervision: `invariants: [...supervisionInvariants, ...bodyInvariants]`.
 */
export const bodyInvariants: readonly Invariant[] = [
  failsOnlyWhenStruck,
  stopsInTime,
  endsWithItsIncarnation,
  assertionsHold,
];
