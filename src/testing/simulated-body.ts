import { AsyncLocalStorage } from 'node:async_hooks';
import type { BodySpec } from '../define/spec.ts';
import { type Body, type BodyHost, bodyOf } from '../kernel/body.ts';
import type { LiveContext, Owner } from '../kernel/live-context.ts';
import type { TreeNode } from '../kernel/node.ts';

type Bend = (step: () => void) => void;

/** What a fault may bend. Each gets the step that would be taken, and may take it later or never. */
export interface Bends {
  /** In place of the body's begin. */
  begin?: Bend;
  /** In place of becoming ready. */
  ready?: Bend;
  /** In place of a beat. */
  beat?: Bend;
  /** In place of telling the body that its signal was cancelled. */
  cancel?: Bend;
  /** In place of the end of the body, on request or by itself. */
  end?: Bend;
  /** In place of what a battery calls again and again. */
  work?: WorkBend;
}

/** `given`: what the work is called with. A run or a job has a signal; whoever looks at it is to obey. */
export type WorkBend = (work: () => unknown, given: unknown) => unknown;

export type BodyFact = 'body-begun' | 'body-over' | 'aborted';

export type ResourceFact = 'acquired' | 'returning' | 'returned';

/** What a simulated body takes from its simulation. */
export interface Stage {
  /** Calls back after so many virtual milliseconds, whatever is cancelled meanwhile. */
  later(ms: number, step: () => void): void;
  /** What a body does and suffers goes on record. */
  noteBody(fact: BodyFact, path: string, incarnation: number): void;
  noteUse(what: string, path: string, incarnation: number): void;
  noteResource(did: ResourceFact, nth: number, path: string, incarnation: number): void;
}

/**
 * A body with faults around it: it stands between an incarnation and what the user wrote, and bends
 * what either tells the other. The code under test carries no hook for this.
 */
export class SimulatedBody implements Body {
  readonly #stage: Stage;
  readonly #inner: Body;
  readonly node: TreeNode;
  readonly incarnation: number;
  readonly bends: Bends = {};
  #host: (BodyHost & Owner) | undefined;
  #hasInnerBegun = false;
  #isReady = false;
  #value: unknown;
  #isOver = false;
  /** What faults have acquired in its name. */
  #held = 0;
  #isAbandoned = false;
  #onBegin: ((context: LiveContext) => void)[] | undefined;
  #onReady: (() => void)[] | undefined;
  #onAbandon: (() => void)[] | undefined;

  constructor(spec: BodySpec, node: TreeNode, stage: Stage) {
    this.#inner = bodyOf(spec);
    this.#stage = stage;
    this.node = node;
    this.incarnation = node.incarnation;
  }

  // For faults.

  get context(): LiveContext | undefined {
    return this.#host?.context;
  }

  /** Its incarnation has begun. */
  get hasBegun(): boolean {
    return this.#host !== undefined;
  }

  /** What it has made ready. */
  get value(): unknown {
    return this.#value;
  }

  get isCancelled(): boolean {
    return this.#host?.isCancelled === true;
  }

  get isOver(): boolean {
    return this.#isOver || this.#isAbandoned;
  }

  /** The body throws. */
  crash(error: unknown): void {
    this.#leave((host) => host.bodyThrew(error));
  }

  /** The body returns. */
  exit(): void {
    this.#leave((host) => host.bodyReturned());
  }

  /** Something that the body left running fails, as the process would report it. */
  blame(error: unknown): void {
    this.#host?.fail(error);
  }

  /** Uses its context, whether its incarnation is over or not: only then it may be refused. */
  use(what: string, use: (context: LiveContext) => void): void {
    if (!this.#host) return;
    try {
      use(this.#host.context);
    } catch {
      return;
    }
    this.#stage.noteUse(what, this.node.path, this.incarnation);
  }

  /** Acquires so many things as it begins, each of which is given back like this. */
  hold(count: number, giveBack: (own: number) => unknown): void {
    const note = (did: ResourceFact, nth: number) =>
      this.#stage.noteResource(did, nth, this.node.path, this.incarnation);
    this.whenBegun((context) => {
      for (let own = 1; own <= count; own++) {
        const nth = ++this.#held;
        context.defer(async () => {
          note('returning', nth);
          try {
            await giveBack(own);
          } finally {
            note('returned', nth);
          }
        });
        note('acquired', nth);
      }
    });
  }

  /** Reports its end once more, whoever listens. */
  endAgain(): void {
    this.#host?.bodyReturned();
  }

  /** Takes a step as soon as there is a context, before the body begins. */
  whenBegun(step: (context: LiveContext) => void): void {
    this.#onBegin ??= [];
    this.#onBegin.push(step);
  }

  /** Takes a step as soon as the body is ready; at once when it is. */
  whenReady(step: () => void): void {
    if (this.#isReady) return step();
    this.#onReady ??= [];
    this.#onReady.push(step);
  }

  /** Takes a step when nobody waits for the body any more. */
  whenAbandoned(step: () => void): void {
    if (this.#isAbandoned) return step();
    this.#onAbandon ??= [];
    this.#onAbandon.push(step);
  }

  after(ms: number, step: () => void): void {
    this.#stage.later(ms, step);
  }

  // For its incarnation.

  begin(host: BodyHost): void {
    // What hosts bodies is the incarnation; the rest of it is only of interest to simulations.
    const owner = host as BodyHost & Owner;
    this.#host = owner;
    for (const step of this.#onBegin ?? []) step(owner.context);
    this.#note('body-begun');
    owner.onCancel(() => this.#note('aborted'));
    this.#bendReady(owner);
    const begin = () => {
      if (this.isOver || owner.isCancelled) return;
      this.#hasInnerBegun = true;
      this.#inner.begin(this.#bentHost(host));
    };
    bent(this.bends.begin, begin);
  }

  cancel(host: BodyHost): void {
    const cancel = () => {
      if (this.#hasInnerBegun) this.#inner.cancel(this.#bentHost(host));
      else this.exit();
    };
    bent(this.bends.cancel, cancel);
  }

  abandon(): void {
    this.#isAbandoned = true;
    if (this.#hasInnerBegun) this.#inner.abandon();
    for (const step of this.#onAbandon ?? []) step();
  }

  /** What the user wrote may have a machine that goes on: a body that is over has none. */
  #leave(tell: (host: BodyHost) => void): void {
    const host = this.#host;
    if (!host || this.#isOver) return;
    this.#end(() => {
      tell(host);
      if (this.#hasInnerBegun) this.#inner.abandon();
    });
  }

  #note(fact: BodyFact): void {
    this.#stage.noteBody(fact, this.node.path, this.incarnation);
  }

  #end(end: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    (this.bends.end ?? passOn)(() => {
      this.#note('body-over');
      end();
    });
  }

  /** Both a body and its `ctx.ready()` tell their incarnation: the one place to stand between. */
  #bendReady(owner: Owner): void {
    const becomeReady = owner.becomeReady.bind(owner);
    const reallyReady = (value: unknown) => {
      if (this.#isReady || this.isCancelled) return;
      becomeReady(value);
      this.#isReady = true;
      this.#value = value;
      for (const step of this.#onReady ?? []) step();
    };
    const beat = owner.beat.bind(owner);
    owner.beat = () => (this.bends.beat ?? passOn)(beat);
    owner.becomeReady = (value) => (this.bends.ready ?? passOn)(() => reallyReady(value));
  }

  /** The same host, with what the body tells it going through the bends. */
  #bentHost(host: BodyHost): BodyHost {
    return {
      node: host.node,
      context: host.context,
      get isCancelled() {
        return host.isCancelled;
      },
      becomeReady: (value) => host.becomeReady(value),
      bodyIgnored: () => this.#end(() => host.bodyIgnored()),
      bodyReturned: () => this.#end(() => host.bodyReturned()),
      bodyThrew: (error) => this.#end(() => host.bodyThrew(error)),
      around: (part, call) => host.around(part, call),
    };
  }
}

function passOn(step: () => void): void {
  step();
}

/** What calls the user's code does so in the name of its service, also where it is put off. */
function bent(bend: Bend | undefined, step: () => void): void {
  if (bend) bend(AsyncLocalStorage.bind(step));
  else step();
}
