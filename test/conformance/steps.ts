import { pino } from 'pino';
import { createSystem, type SupervisorRef, type System } from '../../src/index.ts';
import { assess, difference, type Mismatch } from './assertions.ts';
import { addition, definitionOf, supervisorOf } from './definitions.ts';
import { copyOf } from './places.ts';
import { Answer, type Stage } from './stage.ts';
import type { CallStep, ExitStep, Item, Result, Step } from './vocabulary.ts';

/** A step that cannot be carried out: a fault of the scenario, not of the library. */
class StepError extends Error {}

/** Carries a step out, lets everything come to rest, and says what is not as expected. */
export async function perform(stage: Stage, step: Step): Promise<readonly Mismatch[]> {
  switch (step.do) {
    case 'start':
      refuseSecondStart(stage);
      return await ask(stage, step, () => start(stage));
    case 'stop': {
      const system = started(stage);
      return await ask(stage, step, () => system.stop());
    }
    case 'call': {
      const mismatches = await ask(stage, step, prepareCall(stage, step));
      keepHandle(stage, step);
      return mismatches;
    }
    case 'exit':
      exit(stage, step);
      break;
    case 'advance':
      await stage.time.advance(step.ms);
      break;
    case 'mark':
      stage.log.mark();
      break;
    case 'expect':
      return assess(stage, step);
  }
  await stage.time.settle();
  return [];
}

interface Asked {
  readonly expect: Result;
  readonly as?: string;
}

async function ask(
  stage: Stage,
  { expect, as }: Asked,
  request: () => Promise<unknown>,
): Promise<readonly Mismatch[]> {
  // In a function of its own, so that what is thrown at once is an answer too.
  const answer = new Answer((async () => await request())());
  if (as !== undefined) stage.answers.set(as, answer);
  await stage.time.settle();
  return difference('the result', expect, answer.result, stage);
}

/** A tree that is down again may be defined and started once more. */
function refuseSecondStart({ system }: Stage): void {
  if (!system || system.phase === 'stopped') return;
  throw new StepError('the tree has been started before');
}

function start(stage: Stage): Promise<unknown> {
  stage.system = undefined;
  const system: System = createSystem(supervisorOf(stage.scenario.tree, stage), {
    grace: 'infinity',
    bootWithin: 'infinity',
    clock: stage.libraryClock,
    seed: 1,
    env: {},
    logger: pino({ level: 'silent' }),
  });
  stage.system = system;
  system.events$.subscribe(stage.log.record);
  return system.start();
}

function started(stage: Stage): System {
  if (stage.system) return stage.system;
  throw new StepError('nothing has been started');
}

function exit(stage: Stage, { paths, reason }: ExitStep): void {
  const leaving = paths.map((path) => {
    const body = stage.running.get(stage.resolve(path));
    if (!body) throw new StepError(`no body is ready at ${path}, so that it cannot end by itself`);
    return body;
  });
  for (const body of leaving) body.exit(reason);
}

function prepareCall(stage: Stage, step: CallStep): () => Promise<unknown> {
  const system = started(stage);
  const at = stage.resolve(step.at);
  const supervisor = () => system.ref(at as never) as SupervisorRef;
  const child = stage.resolve(step.child ?? '');
  const id = child.startsWith(`${at}/`) ? child.slice(at.length + 1) : child;
  switch (step.fn) {
    case 'startChild': {
      const added = newChild(stage, at, step);
      return async () => {
        const ref = await supervisor().startChild(added);
        stage.handles.set(ref.path, ref);
      };
    }
    case 'stopChild':
      return () =>
        supervisor().stopChild(step.child?.startsWith('$') ? (stage.handles.get(child) ?? id) : id);
    case 'restartChild':
      return () => supervisor().restartChild(id);
    case 'removeChild':
      return () => supervisor().removeChild(id);
  }
}

function newChild(
  stage: Stage,
  at: string,
  { spec = {}, as }: CallStep,
): Parameters<SupervisorRef['startChild']>[0] {
  const supervisor = stage.places.supervisorAt(at);
  if (supervisor?.strategy === 'dynamic') {
    const item: Item = copyOf(supervisor, spec);
    const id = as === undefined ? undefined : stage.places.addCopy(at, item, as);
    return addition(spec, item, id, stage);
  }
  stage.places.add(at, spec);
  return definitionOf(spec, stage);
}

/** A child that still starts has a handle too. */
function keepHandle(stage: Stage, { fn, as }: CallStep): void {
  if (fn !== 'startChild' || as === undefined) return;
  const path = stage.resolve(`$${as}`);
  const ref = stage.system?.find(path);
  if (ref) stage.handles.set(path, ref);
}
