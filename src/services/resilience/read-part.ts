import { OptionReader } from '../../define/option-reader.ts';
import { isPlain } from '../../define/recorded.ts';

/** No limit. */
export const never = Number.POSITIVE_INFINITY;

/** The options of one part of a policy. */
export interface Part {
  readonly inner: OptionReader;
  /** Reports an option that has no default and was not given. */
  require(name: string, example: string): void;
}

/** The options of a part; undefined where there is none. What is wrong with it is reported. */
export function partOf(
  reader: OptionReader,
  name: string,
  known: readonly string[],
  misplaced: Readonly<Record<string, string>> = {},
  prefix = '',
): Part | undefined {
  const given = reader.raw(name);
  if (given === undefined) return undefined;
  if (!isPlain(given)) {
    const hint = `Options: ${known.join(', ')}.`;
    reader.refuse('DARUMA_INVALID_OPTION', name, 'it must be an object.', hint);
  }
  const options = isPlain(given) ? given : {};
  const inner = new OptionReader(options, reader.path, reader.faults, `${prefix}${name}.`);
  inner.refuseUnknown(known, misplaced);
  return {
    inner,
    require(option, example) {
      if (inner.has(option) || !isPlain(given)) return;
      const message = `${prefix}${name}.${option} is missing.`;
      inner.faults.add('DARUMA_INVALID_OPTION', inner.path, message, { hint: example });
    },
  };
}
