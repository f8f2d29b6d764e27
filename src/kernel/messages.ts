import { formatDuration } from '../../actors/rules/duration.ts';
import { DarumaError } from '../errors.ts';
import { notRunningError } from './failures.ts';
import type { Kernel } from './kernel.ts';
import { type Letter, Mailbox } from './mailbox.ts';
import type { TreeNode } from './node.ts';

/** How long an `ask` waits for its answer unless it says otherwise. */
export const defaultAskMs = 5_000;

/** The mailbox of a place that receives messages; made when first needed. */
export function mailboxOf(kernel: Kernel, node: TreeNode): Mailbox | undefined {
  const { spec } = node;
  if (spec.kind !== 'service' || !spec.receive) return undefined;
  node.mailbox ??= new Mailbox(kernel, node, {
    receive: spec.receive,
    limit: spec.mailbox,
    whileDown: spec.whileDown,
  });
  return node.mailbox;
}

/** Puts a message into the mailbox at a path; what its receiver does with it is not our affair. */
export function sendMessage(kernel: Kernel, path: string, message: string, payload: unknown): void {
  addressed(kernel, path, message).put({ message, payload, settle: undefined });
}

/** Sends a message and waits for the answer, for at most `timeoutMs`. */
export function askMessage(
  kernel: Kernel,
  path: string,
  message: string,
  payload: unknown,
  timeoutMs: number = defaultAskMs,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const mailbox = addressed(kernel, path, message);
    const letter: Letter = {
      message,
      payload,
      settle: (outcome) => {
        kernel.clock.clearTimeout(timer);
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value);
      },
    };
    const timer = kernel.clock.setTimeout(() => {
      mailbox.take(letter);
      reject(askTimeoutError(path, message, timeoutMs));
    }, timeoutMs);
    try {
      mailbox.put(letter);
    } catch (error) {
      kernel.clock.clearTimeout(timer);
      reject(error);
    }
  });
}

function addressed(kernel: Kernel, path: string, message: string): Mailbox {
  const node = kernel.tree.get(path);
  if (!node) throw notFoundError(path, `message '${message}'`);
  const mailbox = mailboxOf(kernel, node);
  if (!mailbox) {
    throw new DarumaError('DARUMA_NOT_SUPPORTED', `${path} receives no messages.`, {
      path,
      hint: 'Declare them: receive: { name: (payload, ctx) => reply }.',
    });
  }
  // Nobody will come to open it any more, however patient its rules are.
  if (node.superior?.isHalting && !node.isUp) throw notRunningError(path, `message '${message}'`);
  return mailbox;
}

export function notFoundError(path: string, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_NOT_FOUND',
    `There is no ${path} in the tree: ${what} was refused.`,
    {
      path,
      hint: '`daruma tree FILE` lists all paths.',
    },
  );
}

function askTimeoutError(path: string, message: string, timeoutMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_ASK_TIMEOUT',
    `${path} did not answer '${message}' within ${formatDuration(timeoutMs)}.`,
    {
      path,
      hint: 'Usual cause: the receiver is busy with earlier messages, or waits for the one who asks.',
    },
  );
}
