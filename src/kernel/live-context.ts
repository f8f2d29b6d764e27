import type { Logger } from 'pino';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Bus } from '../define/bus.ts';
import type { Spawned, SpawnOptions } from '../define/context.ts';
import type { AnyDefinition } from '../define/definition.ts';
import type { Jobs } from '../define/jobs.ts';
import type { Metrics } from '../define/metrics.ts';
import type { Notify } from '../define/notify.ts';
import { configAt } from '../define/resolve-config.ts';
import type { ServiceSpec } from '../define/spec.ts';
import type { Storage } from '../define/storage.ts';
import type { InSpan } from '../define/tracing.ts';
import type { HealthStatus } from '../events.ts';
import { backstageOf } from './backstage.ts';
import { type Cleanup, type CleanupStep, disposalOf } from './cleanup.ts';
import { toMs } from './durations.ts';
import { staleError } from './failures.ts';
import { setHealth } from './health.ts';
import type { Kernel } from './kernel.ts';
import { askMessage, defaultAskMs, sendMessage } from './messages.ts';
import type { TreeNode } from './node.ts';
import { Parts } from './parts.ts';
import { spawnChild } from './spawn.ts';

/** The incarnation behind a context. */
export interface Owner {
  readonly node: TreeNode;
  readonly number: number;
  readonly attempt: number;
  readonly isOver: boolean;
  readonly signal: AbortSignal;
  readonly cancelReason: Error | undefined;
  readonly cleanup: Cleanup;
  becomeReady(value: unknown): void;
  fail(error: unknown): void;
  beat(): void;
  onCancel(callback: () => void): () => void;
}

/** What stands behind a context: for the parts of Daruma that work inside an incarnation. */
export let insideOf: (context: unknown) => { readonly kernel: Kernel; readonly owner: Owner };

/**
 * What a body gets: the world as one incarnation may touch it. Everything in it is made when it is
 * first used. Once its incarnation is over it is revoked: what could act for the successor throws
 * `DARUMA_STALE_INCARNATION`.
 */
export class LiveContext {
  static {
    insideOf = (context) => {
      if (typeof context === 'object' && context !== null && #kernel in context) {
        return { kernel: context.#kernel, owner: context.#owner };
      }
      throw new TypeError(
        'This is not the context of a service: hand on the ctx that it was given.',
      );
    };
  }

  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #spec: ServiceSpec;
  #log: Logger | undefined;
  #needs: object | undefined;
  #parts: Parts | undefined;

  constructor(kernel: Kernel, owner: Owner, spec: ServiceSpec) {
    this.#kernel = kernel;
    this.#owner = owner;
    this.#spec = spec;
  }

  get path(): string {
    return this.#owner.node.path;
  }

  get incarnation(): number {
    return this.#owner.number;
  }

  get attempt(): number {
    return this.#owner.attempt;
  }

  get input(): unknown {
    return this.#spec.input;
  }

  get signal(): AbortSignal {
    return this.#owner.signal;
  }

  get log(): Logger {
    const bindings = { actor: this.path, incarnation: this.incarnation };
    this.#log ??= this.#kernel.logger.child(bindings);
    return this.#log;
  }

  get config(): unknown {
    return configAt(this.#kernel.configs, this.path);
  }

  get needs(): object {
    this.#needs ??= this.#makeNeeds();
    return this.#needs;
  }

  get bus(): Bus {
    return this.#partOf('bus') as Bus;
  }

  get notify(): Notify {
    return this.#partOf('notify') as Notify;
  }

  get metrics(): Metrics {
    return this.#partOf('metrics') as Metrics;
  }

  get span(): InSpan {
    return this.#partOf('span') as InSpan;
  }

  get storage(): Storage {
    return this.#partOf('storage') as Storage;
  }

  get jobs(): Jobs {
    return this.#partOf('jobs') as Jobs;
  }

  use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    const step = disposalOf(value, dispose);
    if (this.#owner.isOver) {
      // Acquired too late for anyone to give it back: give it back now.
      void Promise.resolve()
        .then(step)
        .catch(() => {});
      throw this.#stale('use');
    }
    this.#owner.cleanup.add(step);
    return value;
  }

  defer(step: CleanupStep): void {
    if (typeof step !== 'function') {
      throw new TypeError(`ctx.defer(fn) needs a function; it was given ${typeof step}.`);
    }
    this.#alive('defer').cleanup.add(step);
  }

  now(): number {
    return this.#kernel.clock.now();
  }

  random(): number {
    return this.#kernel.random();
  }

  sleep(duration: Duration): Promise<void> {
    const ms = toMs(duration);
    const { clock } = this.#kernel;
    const owner = this.#owner;
    return new Promise((resolve, reject) => {
      if (owner.cancelReason) return reject(owner.cancelReason);
      const timer = clock.setTimeout(() => {
        forget();
        resolve();
      }, ms);
      const forget = owner.onCancel(() => {
        clock.clearTimeout(timer);
        reject(owner.cancelReason);
      });
    });
  }

  beat(): void {
    this.#alive('beat').beat();
  }

  ready(value?: unknown): void {
    this.#alive('ready').becomeReady(value);
  }

  health(status: HealthStatus, reason?: string): void {
    const { cancelReason, node } = this.#alive('health');
    // On its way out its own health says nothing any more.
    if (!cancelReason) setHealth(this.#kernel, node, status, reason);
  }

  send(to: string | AnyDefinition, message: string, payload?: unknown): void {
    this.#alive('send');
    sendMessage(this.#kernel, this.#kernel.pathOf(to), message, payload);
  }

  async ask(
    to: string | AnyDefinition,
    message: string,
    payload?: unknown,
    options: { readonly timeout?: Duration } = {},
  ): Promise<unknown> {
    this.#alive('ask');
    const timeoutMs = options.timeout === undefined ? defaultAskMs : toMs(options.timeout);
    return await askMessage(this.#kernel, this.#kernel.pathOf(to), message, payload, timeoutMs);
  }

  async spawn(definition: unknown, options: SpawnOptions = {}): Promise<Spawned> {
    // Not on the caller's stack: an action of a machine must not make actors.
    await Promise.resolve();
    const owner = this.#alive('spawn');
    // Nothing may begin once the end of the incarnation has.
    if (owner.cancelReason) throw this.#stale('spawn');
    return await spawnChild(this.#kernel, owner, definition, options);
  }

  /** Its part of something that the whole system shares: `storage`, `bus`, `metrics`. */
  #partOf(name: string): unknown {
    this.#parts ??= new Parts(backstageOf(this.#kernel, this.#owner));
    return this.#parts.of(name);
  }

  #alive(what: string): Owner {
    if (this.#owner.isOver) throw this.#stale(what);
    return this.#owner;
  }

  #stale(what: string): Error {
    return staleError(this.path, this.incarnation, what);
  }

  /** Looked up when read: a dependant that keeps running sees what its need made ready last. */
  #makeNeeds(): object {
    const { dependencies } = this.#kernel;
    const needs = {};
    for (const { key, path } of this.#spec.needs) {
      Object.defineProperty(needs, key, {
        enumerable: true,
        get: () => dependencies.valueOf(path),
      });
    }
    return needs;
  }
}
