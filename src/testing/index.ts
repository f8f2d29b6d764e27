export type { Behaviour, Behaviours } from './behaviour.ts';
export {
  type CheckFailure,
  type CheckOptions,
  type CheckReport,
  checkTree,
  TreeCheckError,
} from './check-tree.ts';
export type { Divergence } from './divergence.ts';
export { allFaults, defineFault } from './fault-catalogue.ts';
export type {
  BodyFaultKind,
  FaultGroup,
  FaultKind,
  ParamRange,
  SystemFaultKind,
} from './fault-kind.ts';
export { faultPlans, treeInfoOf } from './generate/fault-plans.ts';
export type { FaultSelection } from './generate/selection.ts';
export { type Check, checkTrace, type Invariant, type Violation } from './invariant.ts';
export { assertionsHold } from './invariants/assertions.ts';
export {
  bodyInvariants,
  endsWithItsIncarnation,
  failsOnlyWhenStruck,
  stopsInTime,
} from './invariants/bodies.ts';
export { resilienceInvariants } from './invariants/breakers.ts';
export {
  busInvariants,
  failuresStayWithTheirSubscriber,
  handledInOrder,
  nothingHandledAfterTheEnd,
} from './invariants/bus.ts';
export { always, eventually, sometimes } from './invariants/custom.ts';
export { atMostOnce, effectivelyOnce } from './invariants/job-once.ts';
export { fifoPerKey } from './invariants/job-order.ts';
export { jobInvariants } from './invariants/jobs.ts';
export { scheduleInvariants } from './invariants/schedules.ts';
export { acknowledgedWritesSurvive, storageInvariants } from './invariants/storage.ts';
export { supervisionInvariants } from './invariants/supervision.ts';
export { taskInvariants } from './invariants/tasks.ts';
export { type TreeMatchers, treeMatchers } from './matchers.ts';
export {
  emptyPlan,
  type Fault,
  type FaultParams,
  type FaultPlan,
  type PolicyVariation,
  type Trigger,
} from './plan.ts';
export { printPlan } from './print-plan.ts';
export {
  loadRegressions,
  type Origin,
  type Regression,
  type StoredRegression,
  saveRegression,
} from './regressions.ts';
export { type Replay, type ReplayOptions, replay, replayMessage } from './replay.ts';
export { eventLine } from './report.ts';
export { type Drain, type PlannedRun, type RunOptions, runPlan } from './run-plan.ts';
export type { AsyncScenario, Scenario } from './scenario.ts';
export { type SimulatedRun, type SimulateOptions, simulate } from './simulate.ts';
export type { SimulatedBody } from './simulated-body.ts';
export type { Simulation } from './simulation.ts';
export type { StandIn, StandIns } from './stand-ins.ts';
export { Trace, type TraceEvent, type TraceHeader } from './trace.ts';
export { TreeInfo } from './tree-info.ts';
export { type PropertyOptions, treeProperty, ViolationError } from './tree-property.ts';
export { VirtualClock } from './virtual-clock.ts';
export type { Workload, WorkloadScript } from './workload.ts';
export { EscapeError, type WorldChoices } from './world/enter.ts';
export { interceptGlobals } from './world/interception.ts';
export type { Escape } from './world/world.ts';
