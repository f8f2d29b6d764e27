import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { BackoffPolicy } from '../../actors/rules/backoff.ts';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { RestartType } from '../../actors/rules/restart.ts';
import type { AutoShutdown } from '../../actors/rules/roster.ts';
import { OptionReader } from './option-reader.ts';

/** What the options of an item depend on beside themselves. */
export interface Surroundings {
  /** Of the supervisor it belongs to; undefined for the root, which has none. */
  readonly autoShutdown: AutoShutdown | undefined;
}

export interface CommonSpec {
  readonly restart: RestartType;
  readonly significant: boolean;
  readonly backoff: BackoffPolicy;
  readonly config: StandardSchemaV1 | undefined;
}

export const commonOptions = ['restart', 'significant', 'backoff', 'config', 'stopWithin'] as const;

/** The options that services and supervisors have in common. */
export function readCommon(
  reader: OptionReader,
  base: CommonSpec,
  { autoShutdown }: Surroundings,
): CommonSpec {
  const restart = reader.choice(
    'restart',
    ['permanent', 'transient', 'temporary'],
    base.restart,
    'DARUMA_INVALID_RESTART',
    {
      always: 'permanent',
      'unless-stopped': 'permanent',
      'on-failure': 'transient',
      never: 'temporary',
      no: 'temporary',
    },
  );
  const significant = reader.flag('significant', base.significant);
  if (significant) checkSignificant(reader, restart, autoShutdown);
  return {
    restart,
    significant,
    backoff: readBackoff(reader, base.backoff),
    config: readConfig(reader, base.config),
  };
}

function checkSignificant(
  { path, faults }: OptionReader,
  restart: RestartType,
  autoShutdown: AutoShutdown | undefined,
): void {
  const code = 'DARUMA_INVALID_SIGNIFICANT';
  if (autoShutdown === undefined) {
    faults.add(code, path, 'it is significant, but the root has no supervisor to shut down.', {
      hint: 'Remove significant; set it on children, and autoShutdown on the root.',
    });
  } else if (autoShutdown === 'never') {
    faults.add(code, path, "it is significant, but its supervisor has autoShutdown: 'never'.", {
      hint: "Give the supervisor autoShutdown: 'any-significant' or 'all-significant'.",
    });
  }
  if (restart === 'permanent') {
    faults.add(code, path, 'it is significant and permanent: it is always restarted, never over.', {
      hint: "Make it 'transient' or 'temporary'.",
    });
  }
}

export function readBackoff(reader: OptionReader, base: BackoffPolicy): BackoffPolicy {
  const given = reader.raw('backoff');
  if (given === undefined) return base;
  const code = 'DARUMA_INVALID_BACKOFF';
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    reader.refuse(
      code,
      'backoff',
      'it must be an object.',
      "backoff: { first: '100ms', max: '30s' }",
    );
    return base;
  }
  const { path, faults } = reader;
  const inner = new OptionReader(given, path, faults, 'backoff.');
  inner.refuseUnknown(['first', 'max', 'factor', 'jitter', 'resetAfter'], misplacedBackoff);
  const policy: BackoffPolicy = {
    firstMs: inner.duration('first', base.firstMs),
    maxMs: inner.duration('max', base.maxMs),
    factor: inner.number('factor', base.factor, { min: 1, code }),
    jitter: inner.choice('jitter', ['full', 'equal', 'none'], base.jitter, code),
    resetAfterMs: inner.duration('resetAfter', base.resetAfterMs),
  };
  if (policy.maxMs < policy.firstMs) {
    const [first, max] = [formatDuration(policy.firstMs), formatDuration(policy.maxMs)];
    const origin = inner.has('max') ? '' : ', its default';
    faults.add(code, path, `backoff.max is ${max}${origin}, below backoff.first, ${first}.`, {
      hint: 'No delay is longer than max: raise max, or lower first.',
    });
  }
  return Object.freeze(policy);
}

const misplacedBackoff: Readonly<Record<string, string>> = {
  initial: "Did you mean 'first'?",
  min: "Did you mean 'first'?",
  delay: "Did you mean 'first'?",
  multiplier: "Did you mean 'factor'?",
  maxAttempts: 'How often it is restarted is a matter of the supervisor: intensity and period.',
  maxRetries: 'How often it is restarted is a matter of the supervisor: intensity and period.',
};

function readConfig(
  reader: OptionReader,
  base: StandardSchemaV1 | undefined,
): StandardSchemaV1 | undefined {
  const given = reader.raw('config');
  if (given === undefined) return base;
  if (isSchema(given)) return given;
  reader.refuse(
    'DARUMA_INVALID_CONFIG',
    'config',
    'it must be a Standard Schema.',
    'Use a schema of valibot, zod, arktype or the like; values go to createSystem(app, { config }).',
  );
  return base;
}

/** Schemas of some libraries are functions. */
function isSchema(value: unknown): value is StandardSchemaV1 {
  const standard = (value as Partial<StandardSchemaV1> | null)?.['~standard'];
  return typeof standard?.validate === 'function';
}
