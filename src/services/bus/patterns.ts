import { show } from '../../define/show.ts';
import { type AnyTopic, isTopic } from '../../define/topic.ts';
import { notATopicError } from './errors.ts';

/** What a subscription listens to. */
export interface Interest {
  /** The name of a topic, or a pattern. */
  readonly text: string;
  readonly topic: AnyTopic | undefined;
  readonly isPattern: boolean;
  matches(name: string): boolean;
}

const validPattern = /^(\*\*?|[\p{L}\p{N}_-]+)(\.(\*\*?|[\p{L}\p{N}_-]+))*$/u;

/** @throws DARUMA_INVALID_TOPIC */
export function interestOf(path: string, value: AnyTopic | string): Interest {
  if (isTopic(value)) return exactly(value.name, value);
  if (typeof value !== 'string' || !validPattern.test(value)) {
    throw notATopicError(path, `${show(value)} is neither a topic nor a pattern.`);
  }
  if (!value.includes('*')) return exactly(value, undefined);
  const expression = new RegExp(`^${value.split('.').map(segment).join('\\.')}$`, 'u');
  return {
    text: value,
    topic: undefined,
    isPattern: true,
    matches: (name) => expression.test(name),
  };
}

function exactly(text: string, topic: AnyTopic | undefined): Interest {
  return { text, topic, isPattern: false, matches: (name) => name === text };
}

/** `*` is one segment, `**` one or more. Names have no character that means something else here. */
function segment(text: string): string {
  if (text === '**') return '.+';
  return text === '*' ? '[^.]+' : text;
}
