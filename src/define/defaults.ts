import type { BackoffPolicy } from '../../actors/rules/backoff.ts';
import type { ServiceSpec, SupervisorSpec } from './spec.ts';

export const defaultBackoff: BackoffPolicy = Object.freeze({
  firstMs: 100,
  maxMs: 30_000,
  factor: 2,
  jitter: 'full',
  resetAfterMs: 60_000,
});

/** A service whose options say nothing. The name is filled in. */
export const defaultService: ServiceSpec = Object.freeze({
  kind: 'service',
  name: '',
  restart: 'permanent',
  significant: false,
  startWithinMs: 10_000,
  stopWithinMs: 5_000,
  firstStart: 'fail',
  backoff: defaultBackoff,
  decide: undefined,
  needs: Object.freeze([]),
  onLoss: 'suspend',
  watchdogMs: Number.POSITIVE_INFINITY,
  config: undefined,
  receive: undefined,
  mailbox: 1_000,
  whileDown: 'reject',
  health: Object.freeze([]),
  body: Object.freeze({
    kind: 'hooks',
    start: undefined,
    run: undefined,
    stop: undefined,
    drain: undefined,
    ready: 'immediate',
  }),
  input: undefined,
});

/** A supervisor whose options say nothing. The name and the children are filled in. */
export const defaultSupervisor: SupervisorSpec = Object.freeze({
  kind: 'supervisor',
  name: '',
  restart: 'permanent',
  significant: false,
  strategy: 'one-for-one',
  order: 'sequential',
  intensity: undefined,
  periodMs: 60_000,
  whenExhausted: 'escalate',
  autoShutdown: 'never',
  stopWithinMs: Number.POSITIVE_INFINITY,
  backoff: defaultBackoff,
  config: undefined,
  children: Object.freeze([]),
  template: undefined,
  maxChildren: Number.POSITIVE_INFINITY,
});
