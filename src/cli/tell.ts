import { type DefinitionError, isDarumaError } from '../errors.ts';
import { userFrames } from '../testing/frames.ts';
import { complaint, faultList } from './fault-list.ts';
import { type Paint, paintFor } from './style.ts';
import { UsageError } from './usage-error.ts';

/** Tells on standard error why a command failed; returns the code to exit with. */
export function tell(error: unknown, { json }: { readonly json: boolean }): number {
  const { stderr } = process;
  stderr.write(
    json ? `${JSON.stringify(asRecord(error))}\n` : `${asText(error, paintFor(stderr))}\n`,
  );
  return isDarumaError(error) ? 2 : 1;
}

export function asText(error: unknown, paint: Paint): string {
  if (isDefinitionError(error)) return faultList(error.faults, paint);
  if (error instanceof UsageError) return complaint(error, paint);
  if (isDarumaError(error)) return complaint(error, paint);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const details = error instanceof Error ? framesOf(error) : [];
  return complaint({ message, details }, paint);
}

/** In the form of a line of the log. */
function asRecord(error: unknown): Record<string, unknown> {
  const base = { level: 60, time: Date.now() };
  if (!(error instanceof Error)) return { ...base, msg: String(error) };
  const { name, message: msg } = error;
  if (isDefinitionError(error)) {
    const [title = msg] = msg.split('\n', 1);
    return { ...base, code: error.code, msg: title, faults: error.faults };
  }
  if (!isDarumaError(error)) return { ...base, msg: `${name}: ${msg}`, stack: error.stack };
  const details =
    error instanceof UsageError && error.details.length > 0 ? error.details : undefined;
  return { ...base, code: error.code, msg, details, hint: error.hint };
}

/** By its shape: two copies of the package may be loaded. */
export function isDefinitionError(error: unknown): error is DefinitionError {
  return isDarumaError(error) && 'faults' in error;
}

function framesOf(error: Error): string[] {
  const frames = userFrames(error.stack);
  return frames.length > 0 ? frames : (error.stack ?? '').split('\n').slice(1);
}
