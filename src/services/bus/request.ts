import type { AnyTopic } from '../../define/topic.ts';
import { receiverFailedError } from '../../kernel/failures.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Outcome } from './backlog.ts';
import { nobodyRepliesError, replierFullError, tooLateError } from './errors.ts';
import type { Inbox } from './inbox.ts';
import type { Party } from './party.ts';
import type { Switchboard } from './switchboard.ts';

/** One request, from being asked until it is answered, given up or called off. */
export function ask(
  kernel: Kernel,
  switchboard: Switchboard,
  party: Party,
  topic: AnyTopic,
  payload: unknown,
  timeoutMs: number,
): Promise<unknown> {
  const replier = switchboard.replierOf(topic.name);
  if (!replier) return Promise.reject(nobodyRepliesError(party.path, topic.name));
  if (party.endReason) return Promise.reject(party.endReason);
  return new Promise((resolve, reject) => {
    const over = () => {
      kernel.clock.clearTimeout(timer);
      forget();
    };
    const giveUp = (error: unknown) => {
      over();
      replier.withdraw(entry);
      reject(error);
    };
    const timer = kernel.clock.setTimeout(() => {
      giveUp(tooLateError(party.path, topic.name, 'answered', timeoutMs));
    }, timeoutMs);
    const forget = party.onEnd(() => giveUp(party.endReason));
    const event = switchboard.eventOf(party, topic, payload);
    // A mailbox that is full answers before it returns.
    const entry = replier.offer(event, (outcome) => {
      over();
      if ('value' in outcome) resolve(outcome.value);
      else reject(refusalOf(replier, topic.name, outcome));
    });
  });
}

/** What the one who asked is told. */
function refusalOf(
  { party, settings }: Inbox,
  topic: string,
  { error, lost }: Extract<Outcome, { readonly error: unknown }>,
): unknown {
  if (lost === 'dropped') return replierFullError(party.path, topic, settings.buffer);
  return lost === 'ended' ? error : receiverFailedError(party.path, topic, error);
}
