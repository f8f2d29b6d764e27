import type { TraceEvent } from './trace.ts';

/**
 * The states of the chart that a place goes through with an event, from the one that it is in. An
 * event may tell of several steps at once: the chart is faster than its news.
 */
export function serviceSteps(from: string, event: TraceEvent): readonly string[] {
  switch (event.type) {
    case 'waiting':
    case 'suspended':
      return through(from, 'waiting');
    case 'starting':
      // Held without a word, until its group or its needs let it start.
      return from === 'ended' || from === 'stopping'
        ? through(from, 'waiting', 'starting')
        : ['starting'];
    case 'ready':
      return ['running'];
    case 'ignored':
      return ['stopped'];
    case 'start-failed':
    case 'stop-requested':
    case 'aborted':
    case 'escalated':
    case 'auto-shutdown':
      return from === 'starting' || from === 'running' ? ['stopping'] : [];
    case 'ended':
      if (event.reason === 'killed') return ['ended'];
      return from === 'running' || from === 'starting' ? ['stopping', 'ended'] : ['ended'];
    case 'unstopped':
      return from === 'running' ? ['stopping', 'unstopped'] : ['unstopped'];
    case 'backoff':
      return through(from, 'backoff');
    case 'stopped':
    case 'dropped':
      return through(from, 'stopped');
    case 'failed':
      return through(from, 'failed');
    default:
      return [];
  }
}

/** A start attempt that failed ends without a word. */
function through(from: string, ...states: string[]): string[] {
  return from === 'stopping' ? ['ended', ...states] : states;
}

/** The same for the chart of a supervisor's incarnation. */
export function supervisionSteps(from: string, event: TraceEvent): readonly string[] {
  switch (event.type) {
    case 'starting':
      return ['starting'];
    case 'ready':
      return ['running'];
    case 'stop-requested':
    case 'start-failed':
    case 'escalated':
    case 'auto-shutdown':
      return from === 'stopping' || from === 'ended' ? [] : ['stopping'];
    case 'ended':
      return from === 'ended' ? [] : ['ended'];
    default:
      return [];
  }
}
