import { type Decision, isRestartable } from '../../actors/rules/restart.ts';
import type { DecideInfo, ServiceSpec } from '../define/spec.ts';
import { errorInfo } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

const decisions: readonly unknown[] = ['restart', 'stop', 'escalate'] satisfies Decision[];

/**
 * Asks the user's `decide` about an error, where its restart type leaves anything to decide. It must
 * not be able to break its supervisor: if it throws or answers nonsense, the child is restarted.
 */
export function askDecide(
  kernel: Kernel,
  node: TreeNode,
  error: unknown,
  info: DecideInfo,
): Decision | undefined {
  const { decide, restart } = node.spec as ServiceSpec;
  if (!decide || !isRestartable(restart, 'error')) return undefined;
  try {
    const answer = decide(error, info);
    if (decisions.includes(answer)) return answer;
    throw new TypeError(
      `decide() answered ${String(answer)}; it may answer 'restart', 'stop' or 'escalate'.`,
    );
  } catch (failure) {
    kernel.journal.record(node, { type: 'decide-failed', error: errorInfo(failure) });
    return 'restart';
  }
}
