import type { CallRefusal, Refusal } from '../../actors/rules/crew.ts';
import { DarumaError, type ErrorCode } from '../errors.ts';

interface RefusalText {
  readonly code: ErrorCode;
  /** `path` is the child where there is one, else the supervisor. */
  readonly say: (path: string, limit: number | undefined) => string;
  readonly hint: string;
}

const texts: Record<CallRefusal, RefusalText> = {
  AlreadyStarted: {
    code: 'DARUMA_ALREADY_STARTED',
    say: (path) => `${path} is already running.`,
    hint: 'Choose another id, or restart the one there is.',
  },
  AlreadyPresent: {
    code: 'DARUMA_ALREADY_PRESENT',
    say: (path) => `${path} is there already, although it is not running.`,
    hint: 'Start it with restartChild, or remove it with removeChild first.',
  },
  Running: {
    code: 'DARUMA_RUNNING',
    say: (path) => `${path} is running.`,
    hint: 'Stop it with stopChild first.',
  },
  Restarting: {
    code: 'DARUMA_RESTARTING',
    say: (path) => `${path} is about to start by itself.`,
    hint: 'Wait for it, or call the restart off with stopChild first.',
  },
  NotFound: {
    code: 'DARUMA_NOT_FOUND',
    say: (path) => `There is no ${path} in the tree.`,
    hint: '`daruma tree FILE` lists all paths. Temporary and dynamic children are gone once they end.',
  },
  NotRunning: {
    code: 'DARUMA_NOT_RUNNING',
    say: (path) => `${path} is stopping or has ended: it takes no calls.`,
    hint: 'Call while its status is starting or running.',
  },
  NotSupported: {
    code: 'DARUMA_NOT_SUPPORTED',
    say: (path) => `${path} is gone once it is down: it can be stopped, but not started again.`,
    hint: 'Dynamic, spawned and temporary children are. Stop it, and start another one.',
  },
  TooManyChildren: {
    code: 'DARUMA_TOO_MANY_CHILDREN',
    say: (path, limit) =>
      `${path} cannot be added: its supervisor has all of its ${limit} children.`,
    hint: "Raise 'maxChildren', or stop a child first. A child in backoff keeps its place.",
  },
  Stopped: {
    code: 'DARUMA_STOPPED',
    say: (path) => `${path} was stopped before it was ready.`,
    hint: 'A stop of the child, its supervisor or the system came first.',
  },
};

/** The error of a call that a supervisor refused. */
export function refusalError(refusal: Refusal, supervisorPath: string): unknown {
  if (refusal.code === 'Failed') return refusal.error;
  const path = refusal.id === undefined ? supervisorPath : `${supervisorPath}/${refusal.id}`;
  const { code, say, hint } = texts[refusal.code];
  return new DarumaError(code, say(path, refusal.limit), { path, hint });
}

/** The error of a call that the root of the tree does not take. */
export function rootCallError(path: string, call: string): DarumaError {
  return new DarumaError('DARUMA_NOT_SUPPORTED', `${path} is the root: ${call}() is not for it.`, {
    path,
    hint: 'A system starts once, with system.start(); make a new one to start again.',
  });
}

/** The error of a call to a service that only a supervisor can take. */
export function noSupervisorError(path: string): DarumaError {
  return new DarumaError('DARUMA_NOT_FOUND', `${path} is a service: it has no children to call.`, {
    path,
    hint: 'Call its supervisor; what a service spawns is its own affair.',
  });
}
