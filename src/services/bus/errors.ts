import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError } from '../../errors.ts';
import { messageOf } from '../../events.ts';

/** The errors of `ctx.bus`, each with its path, numbers, usual cause and remedy. */

/** @param what `payload` or `reply` */
export function invalidPayloadError(
  path: string,
  topic: string,
  what: string,
  issues: readonly string[],
): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_PAYLOAD',
    `${path}: the ${what} of ${topic} does not fit its schema: ${issues.join('; ')}.`,
    { path, hint: 'Nothing was delivered. The schema of the topic says what it takes.' },
  );
}

export function notATopicError(path: string, message: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_TOPIC', `${path}: ${message}`, {
    path,
    hint: "Make it with topic('user.activity'). Patterns are for on(), once(), stream() and events(): 'user.*', '**'.",
  });
}

export function overflowError(path: string, topic: string, buffer: number): DarumaError {
  return new DarumaError(
    'DARUMA_SUBSCRIBER_OVERFLOW',
    `${path}: ${buffer} events of ${topic} wait, and that is all that its subscription holds.`,
    {
      path,
      hint: "It is given more than it handles. Handle faster, raise 'buffer' or 'concurrency', or drop some: overflow: 'drop-oldest'.",
    },
  );
}

/** Why a critical subscription did not handle an event. */
export function criticalError(path: string, topic: string, cause: unknown): DarumaError {
  return new DarumaError(
    'DARUMA_CRITICAL_HANDLER',
    `${path}, which is critical, did not handle ${topic}: ${messageOf(cause)}`,
    { path, cause, hint: 'Subscriptions after it did not get the event. Emit it again later.' },
  );
}

export function lostError(path: string, topic: string, why: 'dropped' | 'ended'): DarumaError {
  const reason = why === 'dropped' ? 'its mailbox is full' : 'its subscription has ended';
  return new DarumaError('DARUMA_NOT_RUNNING', `${path} does not handle ${topic}: ${reason}.`, {
    path,
    hint: 'Usual cause: it is being restarted or stopped.',
  });
}

export function nobodyRepliesError(path: string, topic: string): DarumaError {
  return new DarumaError('DARUMA_NOT_RUNNING', `${path}: nobody replies to ${topic}.`, {
    path,
    hint: 'Wait for the service that replies to be ready: name it in needs.',
  });
}

export function replierFullError(path: string, topic: string, buffer: number): DarumaError {
  return new DarumaError(
    'DARUMA_MAILBOX_FULL',
    `${path} has ${buffer} requests for ${topic} waiting, and that is all it holds.`,
    { path, hint: "It is asked more than it answers. Ask less, or raise 'buffer'." },
  );
}

export function takenError(path: string, topic: string, holder: string): DarumaError {
  return new DarumaError('DARUMA_ALREADY_PRESENT', `${holder} replies to ${topic} already.`, {
    path,
    hint: 'One place replies to a topic. To hear of something in several places, use on().',
  });
}

export function tooLateError(
  path: string,
  topic: string,
  what: string,
  timeoutMs: number,
): DarumaError {
  return new DarumaError(
    'DARUMA_ASK_TIMEOUT',
    `${path}: ${topic} was not ${what} within ${formatDuration(timeoutMs)}.`,
    {
      path,
      hint: 'Usual cause: the handler is busy with earlier events, or waits for the one who asks.',
    },
  );
}

export function closedError(path: string): DarumaError {
  return new DarumaError('DARUMA_STOPPED', `${path} has stopped; nobody answers any more.`, {
    path,
  });
}
