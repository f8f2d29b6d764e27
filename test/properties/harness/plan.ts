import type { Jitter } from '../../../actors/rules/backoff.ts';
import type { RestartType } from '../../../actors/rules/restart.ts';
import type { AutoShutdown, StartOrder, WhenExhausted } from '../../../actors/rules/roster.ts';

/**
 * A tree, what its bodies do, and what happens to it: plain data, so that it shrinks, prints, and
 * can be pinned as an example. What is left out has the default that its comment names.
 */
export interface Plan {
  readonly seed: number;
  /** Milliseconds. @default 25_000 */
  readonly grace?: number | 'infinity';
  /** Milliseconds. @default 60_000 */
  readonly bootWithin?: number;
  /** `run` installs signal handlers; `stop`: started and stopped in one go. @default 'start' */
  readonly entry?: 'start' | 'run' | 'stop';
  readonly root: GroupPlan;
  /** What `startChild` may add to a static supervisor, by id. */
  readonly spares?: readonly ServicePlan[];
  readonly reactions: readonly Reaction[];
  readonly steps: readonly Step[];
}

export type ItemPlan = ServicePlan | GroupPlan;

export interface BackoffPlan {
  readonly first?: number;
  readonly max?: number;
  readonly factor?: number;
  readonly jitter?: Jitter;
  readonly resetAfter?: number;
}

interface CommonPlan {
  readonly id: string;
  readonly restart?: RestartType;
  readonly significant?: boolean;
  readonly backoff?: BackoffPlan;
}

export interface GroupPlan extends CommonPlan {
  readonly kind: 'group';
  readonly strategy?: 'one-for-one' | 'one-for-all' | 'rest-for-one' | 'dynamic';
  readonly start?: StartOrder;
  readonly intensity?: number;
  readonly period?: number;
  readonly whenExhausted?: WhenExhausted;
  readonly autoShutdown?: AutoShutdown;
  readonly stopWithin?: number;
  readonly maxChildren?: number;
  /** Of a dynamic one: only the first, its template. */
  readonly items: readonly ItemPlan[];
}

export interface NeedPlan {
  readonly path: string;
  readonly optional?: boolean;
}

export interface ServicePlan extends CommonPlan, BodyPlan {
  readonly kind: 'service';
  readonly startWithin?: number;
  readonly stopWithin?: number | 'brutal' | 'infinity';
  readonly firstStart?: 'fail' | 'retry';
  readonly decide?: 'restart' | 'stop' | 'escalate' | 'throws' | 'nonsense';
  readonly needs?: readonly NeedPlan[];
  readonly onLoss?: 'suspend' | 'restart' | 'keep';
  readonly watchdog?: number;
}

/** `text`: a throw of something that is no Error. */
export type ExitReason = 'error' | 'normal' | 'abort' | 'text';

export type StartScript =
  | 'ok'
  | 'fail'
  | 'throw'
  | 'text'
  | 'hang'
  | 'ignore'
  | 'ends'
  | { readonly okAfter: number }
  | { readonly failAfter: number }
  /** Ignores its signal, and says that it is ready whatever happened meanwhile. */
  | { readonly deafOkAfter: number };

/** `takes`: reports its end after so many milliseconds, and cannot be hurried. */
export type EndScript = 'ok' | 'throws' | 'never' | { readonly takes: number };

export interface BodyPlan {
  /** `function` is ready when called, `manual` says so; `resident` has a start hook and no body. */
  readonly form: 'function' | 'manual' | 'hooks' | 'resident' | 'machine' | 'promise' | 'callback';
  /** The n-th attempt takes the n-th, the last one repeats. @default ok */
  readonly starts?: readonly StartScript[];
  /** It ends by itself so long after it was ready; as `starts`. @default not by itself */
  readonly lives?: readonly Life[];
  /** What it does when its signal is cancelled. @default 'ok' */
  readonly whenCancelled?: EndScript;
  /** What it registers with `ctx.defer`. @default nothing */
  readonly cleanup?: EndScript;
  /** @default none */
  readonly stopHook?: EndScript;
  /** @default none */
  readonly drainHook?: EndScript;
  /** It calls its context so many milliseconds after its body ended. @default not */
  readonly strayAfter?: number;
  /** Whether it beats; for a watchdog. @default true */
  readonly beats?: boolean;
  /** `sleep`: waits with `ctx.sleep`, and never touches its signal. @default 'signal' */
  readonly waits?: 'signal' | 'sleep';
  /** It spawns a child as soon as it is ready. @default none */
  readonly spawns?: BodyPlan;
  /** What its handler of messages does. @default none */
  readonly receives?: EndScript;
  readonly whileDown?: 'reject' | 'buffer' | 'drop';
}

export interface Life {
  readonly after: number;
  readonly reason: ExitReason;
}

export type Step =
  | { readonly do: 'advance'; readonly ms: number }
  /** These bodies end by themselves, all before anything is handled. */
  | { readonly do: 'exit'; readonly paths: readonly string[]; readonly reason: ExitReason }
  | { readonly do: 'act'; readonly act: Act };

/** Something done to the system from outside. */
export type Act =
  | {
      readonly fn: 'restart' | 'start' | 'stop' | 'whenReady' | 'watch' | 'ask' | 'send';
      readonly path: string;
    }
  | {
      readonly fn: 'stopChild' | 'restartChild' | 'removeChild';
      readonly path: string;
      readonly child: string;
    }
  /** Static: the id of a spare. Dynamic: any id, or none. */
  | { readonly fn: 'startChild'; readonly path: string; readonly id?: string }
  | { readonly fn: 'stopSystem' }
  /** Only heard after `run`. */
  | { readonly fn: 'signal' };

/** A listener that does something at the `nth` event of a type. */
export interface Reaction {
  readonly on: string;
  readonly nth: number;
  /** `throw`: the listener fails. */
  readonly act: Act | { readonly fn: 'throw' };
}
