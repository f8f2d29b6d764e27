// Defining a tree.
export type { BackoffPolicy, Jitter } from '../actors/rules/backoff.ts';
export { type Duration, formatDuration, parseDuration } from '../actors/rules/duration.ts';
export type { Decision, EndReason, RestartType } from '../actors/rules/restart.ts';
export type {
  AutoShutdown,
  StartOrder,
  Strategy,
  WhenExhausted,
} from '../actors/rules/roster.ts';
export type { TaskState } from '../actors/rules/task-hands.ts';
export { type ConfigValues, redact } from './config.ts';
export type { Context, Spawned, SpawnOptions } from './define/context.ts';
export type {
  AnyDefinition,
  AnyService,
  AnySupervisor,
  InputOf,
  MessagesOf,
  ReadyOf,
  ServiceDefinition,
  SupervisorDefinition,
} from './define/definition.ts';
export { type Ignore, ignore } from './define/ignore.ts';
export { type Manual, manual } from './define/manual.ts';
export { type NeedValues, type Optional, optional } from './define/needs.ts';
export type { MessagesFrom } from './define/receivers.ts';
export { service } from './define/service.ts';
export type { DecideInfo, OnLoss, WhileDown } from './define/spec.ts';
export { type SupervisorOptions, supervisor } from './define/supervisor.ts';
export type { DynamicTree, PathsOf, StaticTree, TreeOf } from './define/tree.ts';
// Watching it.
export { describe } from './describe.ts';
// What goes wrong.
export {
  CancelledError,
  DarumaError,
  DefinitionError,
  type ErrorCode,
  type Fault,
  type FaultCode,
  isDarumaError,
} from './errors.ts';
export type {
  ErrorInfo,
  HealthStatus,
  LifecycleEvent,
  SystemPhase,
  WaitingFor,
} from './events.ts';
// Running it.
export type { InspectionObserver } from './kernel/actors.ts';
export type { Clock } from './kernel/clock.ts';
export type { Explanation } from './kernel/explain.ts';
export type { Health, HealthReason } from './kernel/health.ts';
export type { SignalSource, StopSignal } from './kernel/host-process.ts';
export type { LastEnd, Status } from './kernel/node.ts';
export type {
  AddOptions,
  AnyRef,
  ChildCounts,
  ChildOverrides,
  ChildView,
  Ref,
  RefOf,
  ServiceRef,
  SupervisorRef,
  WatchedEnd,
} from './kernel/ref.ts';
export type { StopReport } from './kernel/report.ts';
export type { ConfigFile } from './kernel/system-options.ts';
export { createSystem, System } from './services/system.ts';
export type { SystemOptions } from './services/system-options.ts';
// Tasks.
export { type TaskDefinition, task } from './services/tasks/task.ts';
export { type TasksOptions, tasks } from './services/tasks/tasks.ts';
export type {
  ProgressReport,
  SubmitArguments,
  TaskContext,
  TaskFunction,
  TaskHandle,
  TaskOptions,
  TaskProgress,
  TaskRetry,
  TaskStatus,
  TaskWorker,
} from './services/tasks/types.ts';
