import { formatDuration } from '../../actors/rules/duration.ts';
import type { Happening, LifecycleEvent } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { LastEnd, Status, TreeNode } from './node.ts';

/** Why a place in the tree is in its state. */
export interface Explanation {
  readonly path: string;
  readonly status: Status;
  readonly incarnation: number;
  /** Milliseconds since the epoch when it came into this state; undefined before its first event. */
  readonly since: number | undefined;
  /** What brought it here. */
  readonly why: string;
  /** The rule that decided, by its heading on the docs' semantics page. */
  readonly rule: string;
  /** What happens next, and when. */
  readonly next: string;
  readonly lastEnd: LastEnd | undefined;
  readonly lastEvent: LifecycleEvent | undefined;
}

type Text = Pick<Explanation, 'why' | 'rule' | 'next'>;

export function explain(kernel: Kernel, path: string, node: TreeNode | undefined): Explanation {
  const status = node?.status ?? 'absent';
  return {
    path,
    status,
    incarnation: node?.incarnation ?? 0,
    since: node?.lastEvent?.time,
    ...(node ? textOf(kernel, node, status) : absent(path)),
    lastEnd: node?.lastEnd,
    lastEvent: node?.lastEvent,
  };
}

function absent(path: string): Text {
  return {
    why: `There is no ${path}: it was never defined, or it was temporary or dynamic and has ended.`,
    rule: 'Temporary and dynamic children',
    next: 'Nothing, unless it is added again.',
  };
}

function textOf(kernel: Kernel, node: TreeNode, status: Status): Text {
  switch (status) {
    case 'waiting':
      return waiting(kernel, node);
    case 'starting':
      return {
        why:
          node.attempt === 0
            ? 'It was asked to start and is not ready yet.'
            : `It is restarted (attempt ${node.attempt} of this series)${after(node)}.`,
        rule: 'Starting',
        next: startLimit(node),
      };
    case 'running':
      return {
        why: `It is ready, as incarnation ${node.incarnation}.`,
        rule: 'Starting',
        next: 'It runs until it ends or is asked to stop.',
      };
    case 'backoff':
      return backoff(kernel, node, node.lastEvent);
    case 'stopping':
      return {
        why: node.superior?.isHalting
          ? 'Its supervisor is stopping.'
          : 'It ended or was asked to stop, and its cleanup is under way.',
        rule: 'Stopping',
        next: 'It is declared unstopped when its limit has passed.',
      };
    case 'failed':
      return {
        why: `It failed more often than its supervisor allows${after(node)}, and was given up.`,
        rule: 'When the budget is spent',
        next: 'Nothing by itself; ref.start() tries again, uncharged.',
      };
    case 'unstopped':
      return {
        why: 'It did not end within its limit and was abandoned; what it still does is ignored.',
        rule: 'Unstopped',
        next: 'Nothing by itself; ref.start() makes a new incarnation.',
      };
    default:
      return stopped(node);
  }
}

function waiting(kernel: Kernel, node: TreeNode): Text {
  const needs = kernel.dependencies.unmet(node).map((each) => {
    const need = kernel.tree.get(each.path);
    return `${each.path} (${need?.status ?? 'absent'})`;
  });
  if (needs.length > 0) {
    return {
      why: `It needs ${needs.join(' and ')}.`,
      rule: 'Needs',
      next: 'It starts as soon as all of them are ready; that is never charged.',
    };
  }
  const { parent } = node;
  if (parent?.status === 'backoff' || parent?.status === 'waiting') {
    return {
      why: `Its supervisor ${parent.path} is down (${parent.status}).`,
      rule: 'Starting',
      next: 'It comes back with its supervisor.',
    };
  }
  const sibling = node.waitingFor.find(({ kind }) => kind === 'sibling');
  return {
    why: sibling
      ? `It comes after ${sibling.path} in a sequential start.`
      : `Its group is being restarted${after(node)}.`,
    rule: sibling ? 'Starting' : 'Groups',
    next: 'It starts when those before it are ready.',
  };
}

function backoff(kernel: Kernel, node: TreeNode, event: LifecycleEvent | undefined): Text {
  const charge = event as (LifecycleEvent & Extract<Happening, { type: 'backoff' }>) | undefined;
  if (charge?.type !== 'backoff') {
    return { why: `It failed${after(node)}.`, rule: 'Backoff', next: 'It is started again.' };
  }
  const leftMs = Math.max(0, charge.at + charge.delayMs - kernel.clock.monotonic());
  return {
    why: `It ended${after(node)}; restart ${charge.used} of ${charge.intensity} in ${formatDuration(charge.periodMs)} was charged.`,
    rule: 'Backoff',
    next: `It starts again in ${formatDuration(leftMs)} (delay ${charge.attempt} of the series, ${formatDuration(charge.delayMs)}).`,
  };
}

function stopped(node: TreeNode): Text {
  const next = 'Nothing by itself; ref.start() starts it.';
  if (node.lastEvent?.type === 'ignored') {
    return { why: 'Its start answered that it is not needed.', rule: 'Starting', next };
  }
  if (!hasBegun(node)) {
    return {
      why: 'The system has not been started.',
      rule: 'Starting',
      next: 'It starts with system.start().',
    };
  }
  if (!node.lastEnd) return { why: 'It has never run.', rule: 'Starting', next };
  const { reason, error } = node.lastEnd;
  if (reason === 'normal') {
    return {
      why: 'Its body returned, and its restart type leaves it at that.',
      rule: 'Restart types',
      next,
    };
  }
  if (reason === 'error') {
    return {
      why: `It failed (${error?.message ?? 'no error'}), and its restart type or decide() leaves it at that.`,
      rule: 'Restart types',
      next,
    };
  }
  return { why: 'It was asked to stop.', rule: 'Stopping', next };
}

function hasBegun(node: TreeNode): boolean {
  let top = node;
  while (top.parent) top = top.parent;
  return top.actor !== undefined;
}

function startLimit(node: TreeNode): string {
  const { spec } = node;
  if (spec.kind === 'supervisor') return 'It is ready when all its items have been.';
  return `Its start fails ${formatDuration(spec.startWithinMs)} after it began.`;
}

function after(node: TreeNode): string {
  const message = node.lastEnd?.error?.message;
  return message === undefined ? '' : ` after: ${message.replace(/\.$/, '')}`;
}
