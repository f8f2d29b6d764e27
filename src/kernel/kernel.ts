import type { Logger } from 'pino';
import type { AnyActor } from 'xstate';
import type { ConfigSources } from '../config.ts';
import type { AnyDefinition } from '../define/definition.ts';
import type { BodySpec } from '../define/spec.ts';
import type { Body } from './body.ts';
import type { Clock } from './clock.ts';
import type { Dependencies } from './dependencies.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Facilities } from './facilities.ts';
import type { Journal, Place } from './journal.ts';
import type { TreeNode } from './node.ts';
import type { Random } from './random.ts';
import type { StatusBoard } from './status-board.ts';
import type { Tree } from './tree.ts';

/** What the parts of one system share. */
export interface Kernel {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly board: StatusBoard;
  readonly tree: Tree;
  readonly dependencies: Dependencies;
  readonly random: Random;
  readonly logger: Logger;
  /** Validated configuration by path. */
  readonly configs: Map<string, unknown>;
  /** Where configuration comes from, for what is added at run time. */
  readonly configSources: ConfigSources;
  /** The path of a definition that occurs once in the tree; a path is its own. */
  readonly pathOf: (place: string | AnyDefinition) => string;
  /** The paths at which a definition occurs. */
  readonly placesOf: (definition: AnyDefinition) => readonly string[];
  /** What runs in an incarnation; simulations put faults around it. */
  readonly makeBody: (spec: BodySpec, node: TreeNode) => Body;
  /** What every context has its part of, by the name that it has there. */
  readonly facilities: Facilities;
  /** The actor at the top, above the tree. */
  readonly topActor: () => AnyActor;
  /** Calls user code so that what it leaves behind can be attributed to its child. */
  readonly attribute: <Result>(blame: Blame, call: () => Result) => Result;
  /** Calls a part of an incarnation; tracing puts its span around it. */
  readonly around: <Result>(part: Part, place: Place, call: () => Result) => Result;
}

/** `start`: until it is ready. `stop`: its hook and its cleanup. */
export type Part = 'start' | 'run' | 'stop';

/** Takes the blame for an error that reached the process. */
export interface Blame {
  /** In whose name the code runs; undefined: in that of nobody in the tree. */
  readonly place?: Place;
  /** What it runs for, such as one job; undefined: for nothing in particular. */
  readonly errand?: unknown;
  fail(error: unknown): void;
}
