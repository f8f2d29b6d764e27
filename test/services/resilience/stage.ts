import {
  type Context,
  type ErrorCode,
  isDarumaError,
  type LifecycleEvent,
  type Policy,
  type PolicyOptions,
  policy,
  type SystemOptions,
  service,
  supervisor,
} from '../../../src/index.ts';
import { idle, Lab } from '../../kernel/lab.ts';

/** A call of which the test says when and how it ends. */
export interface Pending {
  readonly signal: AbortSignal;
  readonly attempt: number;
  succeed(value?: unknown): void;
  fail(error?: unknown): void;
}

export const no = (): Error => new Error('no');

/** A policy named `api` and a service that calls under it, all under virtual time. */
export async function stage<Fallback = never>(
  options: PolicyOptions<Fallback>,
  system: SystemOptions = {},
) {
  const api = policy('api', options) as Policy<Fallback>;
  const contexts: Context[] = [];
  const caller = service('caller', { backoff: { first: '1s', jitter: 'none' } }, (ctx) => {
    contexts.push(ctx);
    return idle(ctx);
  });
  const lab = await new Lab(supervisor('app', [caller]), system).start();
  const pending: Pending[] = [];

  return {
    lab,
    api,
    contexts,
    /** The calls of the function that have begun, in order. */
    pending,
    get ctx(): Context {
      return contexts.at(-1) as Context;
    },
    get now(): number {
      return lab.clock.monotonic();
    },
    /** A call that ends when the test says so; one that nobody waits for is no stray. */
    begin(): Promise<unknown> {
      const result = api.run(
        contexts.at(-1) as Context,
        ({ signal, attempt }) =>
          new Promise((succeed, reject) => {
            pending.push({ signal, attempt, succeed, fail: (error = no()) => reject(error) });
          }),
      );
      result.catch(() => {});
      return result;
    },
    /** A call that ends when the test says so, or when its signal does. */
    obedient(): Promise<unknown> {
      const result = this.begin();
      const call = pending.at(-1);
      call?.signal.addEventListener('abort', () => call.fail(call.signal.reason));
      return result;
    },
    succeed: () => api.run(contexts.at(-1) as Context, () => 'yes'),
    async fail(times = 1): Promise<void> {
      for (let nth = 0; nth < times; nth++) {
        await api
          .run(contexts.at(-1) as Context, () => {
            throw no();
          })
          .catch(() => {});
      }
    },
    advance: (ms: number) => lab.clock.advance(ms),
    /** How a promise has settled; 'pending' when it has not. */
    async outcome(promise: Promise<unknown>): Promise<unknown> {
      let outcome: unknown = 'pending';
      promise.then(
        (value) => {
          outcome = value;
        },
        (error: unknown) => {
          outcome = codeOf(error);
        },
      );
      await lab.clock.settle();
      return outcome;
    },
    get breaker(): string | undefined {
      return api.state(lab.system).breaker?.status;
    },
    events<Type extends LifecycleEvent['type']>(type: Type) {
      return lab.all(type);
    },
  };
}

/** The code of an error, or what it says. */
export function codeOf(error: unknown): ErrorCode | string {
  if (isDarumaError(error)) return error.code;
  return error instanceof Error ? error.message : String(error);
}
