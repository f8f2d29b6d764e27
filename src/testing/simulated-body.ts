import type { BodySpec } from '../define/spec.ts';
import { type Body, type BodyHost, bodyOf } from '../kernel/body.ts';
import type { Clock } from '../kernel/clock.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import type { TreeNode } from '../kernel/node.ts';

/** What a fault of a body may bend. Every hook gets the step that would be taken, and may not take it. */
export interface Bends {
  /** In place of the body's begin. */
  begin?: (begin: () => void) => void;
  /** In place of becoming ready. */
  ready?: (ready: () => void) => void;
  /** In place of telling the body that its signal was cancelled. */
  cancel?: (cancel: () => void) => void;
  /** In place of the end of the body, on request or by itself. */
  end?: (end: () => void) => void;
}

/**
 * A body with faults around it: it stands between an incarnation and what the user wrote, and bends
 * what either tells the other. The code under test carries no hook for this.
 */
export class SimulatedBody implements Body {
  readonly #inner: Body;
  readonly clock: Clock;
  readonly node: TreeNode;
  readonly incarnation: number;
  readonly bends: Bends = {};
  #host: BodyHost | undefined;
  #isOver = false;
  #hasBegun = false;

  constructor(spec: BodySpec, node: TreeNode, clock: Clock) {
    this.#inner = bodyOf(spec);
    this.node = node;
    this.incarnation = node.incarnation;
    this.clock = clock;
  }

  // For faults.

  get context(): LiveContext | undefined {
    return this.#host?.context;
  }

  get isReady(): boolean {
    return this.node.status === 'running' && this.node.incarnation === this.incarnation;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The body throws. */
  crash(error: unknown): void {
    this.#end(() => this.#host?.bodyThrew(error));
  }

  /** The body returns. */
  exit(): void {
    this.#end(() => this.#host?.bodyReturned());
  }

  /** Reports ready once more, whoever listens. */
  reportReady(): void {
    this.#host?.becomeReady('late');
  }

  /** Reports its end once more, whoever listens. */
  reportEndAgain(): void {
    this.#host?.bodyReturned();
  }

  after(ms: number, step: () => void): void {
    this.clock.setTimeout(step, ms);
  }

  // For its incarnation.

  begin(host: BodyHost): void {
    this.#host = host;
    this.#hasBegun = true;
    const bent = bentHost(host, {
      ready: (ready) => (this.bends.ready ?? passOn)(ready),
      end: (end) => this.#end(end),
    });
    (this.bends.begin ?? passOn)(() => this.#inner.begin(bent));
  }

  cancel(host: BodyHost): void {
    (this.bends.cancel ?? passOn)(() => this.#inner.cancel(this.#bentHostOf(host)));
  }

  abandon(): void {
    this.#inner.abandon();
  }

  #bentHostOf(host: BodyHost): BodyHost {
    return bentHost(host, { ready: passOn, end: (end) => this.#end(end) });
  }

  #end(end: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    (this.bends.end ?? passOn)(end);
  }
}

function passOn(step: () => void): void {
  step();
}

/** The same host, with what the body tells it going through the bends. */
function bentHost(
  host: BodyHost,
  bends: { ready: (ready: () => void) => void; end: (end: () => void) => void },
): BodyHost {
  return {
    node: host.node,
    context: host.context,
    get isCancelled() {
      return host.isCancelled;
    },
    becomeReady: (value) => bends.ready(() => host.becomeReady(value)),
    bodyIgnored: () => bends.end(() => host.bodyIgnored()),
    bodyReturned: () => bends.end(() => host.bodyReturned()),
    bodyThrew: (error) => bends.end(() => host.bodyThrew(error)),
  };
}
