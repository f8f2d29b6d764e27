import type { FaultParams } from './plan.ts';
import type { SimulatedBody } from './simulated-body.ts';
import type { Simulation } from './simulation.ts';
import type { TreeInfo } from './tree-info.ts';

/** What a parameter of a fault may be. Boundary values of the tree are tried more often. */
export type ParamRange =
  | { readonly kind: 'ms'; readonly min: number; readonly max: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly (string | number | boolean)[] };

/** Faults of schedules and queues come with what they strike; `custom` are those of users. */
export type FaultGroup =
  | 'start'
  | 'run'
  | 'stop'
  | 'dependency'
  | 'system'
  | 'clock'
  | 'task'
  | 'schedule'
  | 'queue'
  | 'storage'
  | 'bus'
  | 'custom';

interface FaultKindBase {
  readonly name: string;
  readonly group: FaultGroup;
  /** One sentence: what goes wrong. */
  readonly description: string;
  readonly params: Readonly<Record<string, ParamRange>>;
  /** The same for one target, where it offers less than others do. @default `params` */
  paramsAt?(tree: TreeInfo, target: string): Readonly<Record<string, ParamRange>>;
  /** Whether the tree holds still and heals after it: liveness is not expected of those that do not. */
  readonly isLasting?: boolean;
  /** Tried only where a selection names it, in `only` or `weights`. */
  readonly isByName?: boolean;
  /** It brings an incarnation to its end; such faults are drawn more often. */
  readonly endsIt?: boolean;
  /** Whether this tree has anything that it could strike. @default always */
  isPossible?(tree: TreeInfo): boolean;
  /** Whom it may strike. @default every service; for faults of the system nobody in particular */
  targets?(tree: TreeInfo): readonly string[];
}

/**
 * A fault of one incarnation of a service: it shapes how its body begins, runs and ends. Triggered by
 * `at` or `when`, it strikes the incarnation that is up then, or else the next.
 */
export interface BodyFaultKind extends FaultKindBase {
  readonly strikes: 'body';
  /** It bends how a body begins: a body that is up already is let be, and the next one is struck. */
  readonly isForStart?: boolean;
  apply(body: SimulatedBody, params: FaultParams): void;
}

/** A fault of the whole system, or of its clock. */
export interface SystemFaultKind extends FaultKindBase {
  readonly strikes: 'system';
  apply(simulation: Simulation, params: FaultParams, target: string | undefined): void;
}

export type FaultKind = BodyFaultKind | SystemFaultKind;
