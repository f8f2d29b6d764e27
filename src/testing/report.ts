import { describe } from '../describe.ts';
import type { CheckFailure, CheckReport } from './check-tree.ts';
import { suspectLines } from './divergence.ts';
import { jobText } from './job-text.ts';
import type { FaultPlan, Trigger } from './plan.ts';
import { printPlan } from './print-plan.ts';
import type { Trace, TraceEvent } from './trace.ts';
import { escapeAdvice, escapeLines } from './world/enter.ts';

/** Events shown as proof, at most. */
const mostEvidence = 6;

/** All that is known about a failure: what broke, what proves it, and how to have it again. */
export function failureMessage(failure: CheckFailure, report: CheckReport): string {
  const { violation, run, plan, original, divergence } = failure;
  const { events } = run.trace;
  const kind = failure.isRegression ? 'An earlier failure is back' : 'Violated';
  const lines = [
    `${kind}: ${violation.invariant}, at ${violation.path}, ${moment(violation.at)} after the boot.`,
    violation.message,
    '',
    'What proves it:',
    ...evidence(violation.evidence, events),
    '',
    `The smallest plan that does it (${sizeOf(original)} -> ${sizeOf(plan)} in ${failure.shrinkRuns} runs):`,
    '',
    printPlan(plan),
    '',
    interleaving(failure),
    ...(divergence ? ['', ...divergenceLines(divergence), ...suspectLines(failure.suspects)] : []),
    ...escapeReport(run.trace),
    '',
    `Found in run ${report.runs}. Again: ${again(failure)}`,
    ...keptIn(failure),
  ];
  return lines.join('\n');
}

/** An event of a trace as a line for people. */
export function eventLine(event: TraceEvent): string {
  return `${moment(event.at).padStart(10)}  #${event.seq} ${subject(event)} ${sentence(event)}`;
}

function evidence(positions: readonly number[], events: readonly TraceEvent[]): string[] {
  const shown = positions.slice(0, mostEvidence).flatMap((seq) => events[seq - 1] ?? []);
  return shown.length === 0 ? ['  nothing that happened: something did not'] : shown.map(eventLine);
}

function subject({ path, incarnation }: TraceEvent): string {
  return incarnation > 0 ? `${path} (life ${incarnation})` : path;
}

/** What an event says, without who and when. */
export function sentence(event: TraceEvent): string {
  switch (event.type) {
    case 'fault':
      return `is struck by ${event.fault.kind}${paramsOf(event.fault.params)}, ${triggerText(event.fault.trigger)}`;
    case 'body-begun':
      return 'begins to run its body';
    case 'body-over':
      return 'has left its body';
    case 'aborted':
      return 'has its signal aborted';
    case 'hook':
      return `has its ${event.hook} hook called${event.answer === undefined ? '' : `, which says '${event.answer}'`}`;
    case 'context-used':
      return `calls ctx.${event.what}(), and is not refused`;
    case 'resource':
      return resourceText(event);
    case 'call':
      return `is called: ${event.call}()`;
    case 'answered':
      return `answers call #${event.to}: ${event.refusal ?? 'done'}`;
    case 'uncaught':
      return `lets an error reach the process: ${event.message}`;
    case 'escape':
      return `leaves the simulation by ${event.what}${event.line === undefined ? '' : ` at ${event.line}`}`;
    case 'stored':
      return storedText(event);
    case 'bus':
      return busText(event);
    case 'job-kept':
    case 'job-handler':
      return jobText(event);
    case 'killed':
      return 'the process is killed';
    case 'note':
      return event.text;
    case 'finished':
      return `the run is over, with ${event.pendingTimers} timers pending${event.isLivelock ? ', in a livelock' : ''}`;
    default:
      return describe(event);
  }
}

function resourceText({ did, nth }: Extract<TraceEvent, { type: 'resource' }>): string {
  if (did === 'acquired') return `acquires something, number ${nth}`;
  return did === 'returning' ? `begins to give back number ${nth}` : `has given back number ${nth}`;
}

function storedText({ did, store, key, value }: Extract<TraceEvent, { type: 'stored' }>): string {
  const place = `${key === null ? 'everything' : `'${key}'`}${store === '' ? '' : ` of '${store}'`}`;
  if (did === 'read') return `finds ${value ?? 'nothing'} under ${place}`;
  const deed = value === null ? `removes ${place}` : `stores ${value} under ${place}`;
  return did === 'wrote' ? deed : `${deed}, and is told that it failed`;
}

function busText({ did, topic, event, attempt, error }: Extract<TraceEvent, { type: 'bus' }>) {
  const what = `event ${event}, ${topic}${attempt > 1 ? ` (attempt ${attempt})` : ''}`;
  switch (did) {
    case 'emitted':
      return `emits ${what}`;
    case 'begun':
      return `begins to handle ${what}`;
    case 'handled':
      return `has handled ${what}`;
    case 'failed':
      return `failed to handle ${what}${error === null ? '' : `: ${error}`}`;
  }
}

function triggerText(trigger: Trigger): string {
  if ('on' in trigger) return `in incarnation ${trigger.incarnation}`;
  if ('at' in trigger) return `at ${moment(trigger.at)}`;
  const { nth = 1, of, plus = 0 } = trigger;
  const late = plus > 0 ? `${moment(plus)} after` : 'on';
  return `${late} event ${nth} of type ${trigger.when}${of === undefined ? '' : ` of ${of}`}`;
}

function paramsOf(params: Readonly<Record<string, unknown>> = {}): string {
  const text = Object.entries(params).map(([name, value]) => `${name} ${String(value)}`);
  return text.length > 0 ? ` (${text.join(', ')})` : '';
}

function sizeOf({ faults, choices, policy }: FaultPlan): string {
  const turns = choices.filter((choice) => choice > 0).length;
  const policies = Object.keys(policy).length;
  return [
    counted(faults.length, 'fault'),
    ...(turns > 0 ? [counted(turns, 'choice')] : []),
    ...(policies > 0 ? [`${policies} varied`] : []),
  ].join(', ');
}

function interleaving({ plan, run }: CheckFailure): string {
  const turned = run.simulation.choicesMade.filter(({ taken }) => taken > 0);
  if (plan.choices.every((choice) => choice === 0) || turned.length === 0) {
    return 'Interleaving irrelevant: it fails with every timer in the order in which it was armed.';
  }
  const needs = turned
    .slice(0, 4)
    .map(({ taken, count, at }) => `timer ${taken + 1} of ${count} goes first at ${moment(at)}`);
  return `Interleaving matters: ${needs.join('; ')}.`;
}

function divergenceLines({ at, expected, got }: NonNullable<CheckFailure['divergence']>): string[] {
  return [
    `Not repeatable: a second run of the same plan diverged at event ${at}. Something in the tree does not go through ctx: a real timer, Math.random, the time of day, input or output.`,
    `  first:  ${expected ? eventLine(expected) : 'was over'}`,
    `  second: ${got ? eventLine(got) : 'was over'}`,
  ];
}

/** What left the run, if anything: then it promises nothing. */
function escapeReport({ header }: Trace): string[] {
  const { escapes = [] } = header;
  if (escapes.length === 0) return [];
  return [
    '',
    'It left the simulation, so that nothing promises that it happens again:',
    ...escapeLines(escapes),
    escapeAdvice,
  ];
}

function keptIn({ file, origin }: CheckFailure): string[] {
  if (file === undefined) return [];
  const lines = [`Kept in ${file}`];
  return origin ? [...lines, `Again: npx daruma replay ${file}`] : lines;
}

function again({ seed, path, origin }: CheckFailure): string {
  if (origin) return `with seed ${seed}`;
  return path === undefined
    ? 'checkTree(makeTree, { plans: [plan] })'
    : `checkTree(makeTree, { seed: ${seed}, path: '${path}' })`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Exact: a millisecond decides. */
function moment(ms: number): string {
  return `${Number(ms.toFixed(3))}ms`;
}
