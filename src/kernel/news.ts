import type { ServiceNews } from '../../actors/rules/hands.ts';
import { errorInfo, type Happening, type WaitingFor } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** Puts what a service chart emitted into the journal; its new state is visible by now. */
export function report(kernel: Kernel, node: TreeNode, news: ServiceNews): void {
  node.lastEvent = kernel.journal.record(node, happeningOf(news, node.waitingFor));
}

function happeningOf(news: ServiceNews, waitingFor: readonly WaitingFor[]): Happening {
  switch (news.type) {
    case 'start-failed':
      return { type: 'start-failed', error: errorInfo(news.error) };
    case 'stop-requested':
    case 'unstopped':
      return { type: news.type, limitMs: Number.isFinite(news.limitMs) ? news.limitMs : null };
    case 'stop-error':
      return { type: 'stop-error', error: errorInfo(joined(news.errors)) };
    case 'ended':
      return { type: 'ended', reason: news.reason, ...errorOf(news.error) };
    case 'backoff':
      return { type: 'backoff', ...news.charge, ...errorOf(news.error) };
    case 'failed':
      return { type: 'failed', ...news.spent, ...errorOf(news.error) };
    case 'suspended':
      return { type: 'suspended', for: waitingFor };
    default:
      return news;
  }
}

function errorOf(error: unknown): { error?: ReturnType<typeof errorInfo> } {
  return error === undefined ? {} : { error: errorInfo(error) };
}

/** Several errors of one cleanup as one; each of its steps ran whatever the others did. */
function joined(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const messages = errors.map(textOf).join('; ');
  return new AggregateError(errors, `${errors.length} steps failed: ${messages}`);
}

/** What kind of error it was is said where that tells more than that it was one. */
function textOf(error: unknown): string {
  const { name, message } = errorInfo(error);
  return name === 'Error' || name === 'NonError' ? message : `${name}: ${message}`;
}
