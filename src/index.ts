// Defining a tree.
export type { BackoffPolicy, Jitter } from '../actors/rules/backoff.ts';
export { type Duration, formatDuration, parseDuration } from '../actors/rules/duration.ts';
// Schedules.
export type { Missed } from '../actors/rules/missed.ts';
export type { Overlap } from '../actors/rules/overlap.ts';
export type { Decision, EndReason, RestartType } from '../actors/rules/restart.ts';
export type {
  AutoShutdown,
  StartOrder,
  Strategy,
  WhenExhausted,
} from '../actors/rules/roster.ts';
export type { TaskState } from '../actors/rules/task-hands.ts';
export { type ConfigValues, redact } from './config.ts';
// Events between services.
export type {
  Bus,
  BusEvent,
  Handler,
  MailboxOptions,
  OverflowPolicy,
  PayloadArgument,
  ReplyOptions,
  StreamOptions,
  Subscription,
  SubscriptionOptions,
  WaitOptions,
} from './define/bus.ts';
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
// Health and metrics.
export type { HealthAnswer, HealthCheckOptions, HealthChecks } from './define/health-check.ts';
export { type Ignore, ignore } from './define/ignore.ts';
// Durable jobs.
export type {
  CancelResult,
  DeathReason,
  EnqueueArguments,
  Enqueued,
  EnqueueOptions,
  Enqueuer,
  JobListOptions,
  JobOutcome,
  JobState,
  Jobs,
  JobTrigger,
  JobView,
  JobWaitOptions,
  NewJobOptions,
  QueueCounts,
  RedriveOptions,
} from './define/jobs.ts';
// What one replica of many does.
export type { Lease } from './define/lease.ts';
export { type Manual, manual } from './define/manual.ts';
export type {
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  Labels,
  Metrics,
  StopTimer,
} from './define/metrics.ts';
export { type NeedValues, type Optional, optional } from './define/needs.ts';
export type { Notify, NotifyLevel, NotifyOptions } from './define/notify.ts';
export type { AnyQueue, Queue, QueueSpec } from './define/queue.ts';
export type { MessagesFrom } from './define/receivers.ts';
export { service } from './define/service.ts';
export type { DecideInfo, OnLoss, WhileDown } from './define/spec.ts';
// What services store.
export type {
  Entries,
  ListOptions,
  SetOptions,
  Storage,
  StoredEntry,
  StoreOf,
  Transaction,
  TransactionOptions,
} from './define/storage.ts';
export { type SupervisorOptions, supervisor } from './define/supervisor.ts';
export { type AnyTopic, type Topic, type TopicOptions, topic } from './define/topic.ts';
// What it is traced with.
export type { InSpan, Span, SpanAttributes } from './define/tracing.ts';
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
  NotRetryable,
} from './errors.ts';
export type {
  ErrorInfo,
  HealthStatus,
  LifecycleEvent,
  SystemPhase,
  WaitingFor,
} from './events.ts';
export type { JobProgress, JobStatus } from './happenings/jobs.ts';
export type { PluginState } from './happenings/plugins.ts';
export { currentJob } from './jobs/current-job.ts';
export type { AnyJob, BatchJob, Job } from './jobs/job.ts';
// Pipelines.
export { fromHttp } from './jobs/pipeline/from-http.ts';
export { type FromQueueOptions, fromQueue } from './jobs/pipeline/from-queue.ts';
export {
  type FromCronOptions,
  type FromEveryOptions,
  fromCron,
  fromEvery,
  type MakeItem,
} from './jobs/pipeline/from-schedule.ts';
export type { FromHttpOptions, RequestFacts } from './jobs/pipeline/http-options.ts';
export type { ItemInfo, ItemJob, ItemStatus } from './jobs/pipeline/item.ts';
export type { ItemContext } from './jobs/pipeline/item-context.ts';
export { pipeline } from './jobs/pipeline/pipeline.ts';
export type {
  ConsumerOptions,
  HandlerOptions,
  PipelineOptions,
  ProducerOptions,
  RouteOptions,
} from './jobs/pipeline/pipeline-options.ts';
export type {
  Consumer,
  Handler as ItemHandler,
  PipelineDefinition,
  PipelineOfHandlers,
  PipelineOfProducers,
  Producer,
  Source,
} from './jobs/pipeline/pipeline-types.ts';
export type { PipelineState } from './jobs/pipeline/router.ts';
export { type JobBackoffOptions, type QueueOptions, queue } from './jobs/queue.ts';
export { type SingletonOptions, singleton } from './jobs/singleton.ts';
export type { Singleton } from './jobs/singleton-life.ts';
export { type JobWorker, worker } from './jobs/worker.ts';
export type {
  BatchOptions,
  ScopeFactoriesOf,
  ScopeJob,
  WorkerOptions,
} from './jobs/worker-options.ts';
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
export { type ProcessHealthOptions, processHealth } from './services/health/process-health.ts';
export {
  cpuBelow,
  type ErrorTally,
  errorRateBelow,
  heapBelow,
  jobsBelow,
  loopLagBelow,
  queueBelow,
  type ReadyMadeCheck,
} from './services/health/ready-made.ts';
export type { HistoryQuestion, PastEvent } from './services/history/facility.ts';
export type { HistoryOptions } from './services/history/options.ts';
export type { HttpAddress, HttpOptions } from './services/http/server.ts';
export type { MetricsOptions, SystemMetrics } from './services/metrics/facility.ts';
export type { Spread } from './services/metrics/histogram.ts';
export type { ProcessGauge, ProcessReadings } from './services/metrics/process.ts';
export type {
  InstrumentKind,
  InstrumentSnapshot,
  SeriesSnapshot,
} from './services/metrics/registry.ts';
export type { AlertOptions } from './services/notify/alerts.ts';
export { logChannel } from './services/notify/log-channel.ts';
export type { Channel, Delivery, Notification } from './services/notify/notification.ts';
export type { ChannelLike, NotifyFacilityOptions } from './services/notify/options.ts';
export { type WebhookOptions, webhook } from './services/notify/webhook.ts';
export type { InstallOptions, PluginHost, PluginView } from './services/plugins/host.ts';
export {
  manifestSchema,
  type Permission,
  type PluginManifest,
} from './services/plugins/manifest-schema.ts';
export type { PluginContext } from './services/plugins/plugin-context.ts';
export { type PluginsOptions, plugins } from './services/plugins/plugins.ts';
export type { PluginSource } from './services/plugins/source.ts';
export type { Attempt, Work } from './services/resilience/attempt.ts';
// Calling what may fail.
export type { BreakerState, BreakerStatus } from './services/resilience/breaker.ts';
export type { BulkheadState } from './services/resilience/bulkhead.ts';
export { PolicyError } from './services/resilience/errors.ts';
export type {
  BreakerOptions,
  BulkheadOptions,
  PolicyOptions,
  RateLimitOptions,
  RetryOptions,
  TimeoutOptions,
} from './services/resilience/options.ts';
export {
  type CallerContext,
  type Policy,
  type PolicyState,
  policy,
  type RunningSystem,
} from './services/resilience/policy.ts';
export type { RateLimitState } from './services/resilience/rate-limit.ts';
export type {
  FinishedRun,
  RunResult,
  Schedule,
  ScheduleCounts,
} from './services/schedules/handle.ts';
export { type HeartbeatOptions, heartbeat } from './services/schedules/heartbeat.ts';
export { inTransaction, type TickTransaction } from './services/schedules/in-transaction.ts';
export type {
  AtOptions,
  CronOptions,
  EveryOptions,
  RepeatingOptions,
  RunRetryOptions,
  ScheduleOptions,
} from './services/schedules/options.ts';
export type { RunContext, RunFacts } from './services/schedules/run-context.ts';
export { type ScheduledTask, type Scheduler, scheduler } from './services/schedules/scheduler.ts';
export { at, cron, every } from './services/schedules/schedules.ts';
export type {
  FileStorageOptions,
  PostgresAddress,
  PostgresStorageOptions,
  StorageOptions,
} from './services/storage/options.ts';
export { createSystem, System } from './services/system.ts';
export type { SystemOptions } from './services/system-options.ts';
// Tasks.
export { type TaskDefinition, task } from './services/tasks/task.ts';
export { type OrAsked, type TasksOptions, tasks } from './services/tasks/tasks.ts';
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
export type { TracingOptions } from './services/tracing/facility.ts';
