import { DefinitionError, type Fault, type FaultCode } from '../errors.ts';

export interface FaultDetails {
  readonly hint?: string | undefined;
  /** All places, where there are several. @default the path */
  readonly paths?: readonly string[];
}

/** Collects everything that is wrong, so that one run names it all. */
export class Faults {
  readonly found: Fault[] = [];
  /** Legal, but seldom meant. */
  readonly warnings: Fault[] = [];

  add(code: FaultCode, path: string, message: string, details?: FaultDetails): void {
    this.found.push(fault(code, path, message, details));
  }

  warn(code: FaultCode, path: string, message: string, details?: FaultDetails): void {
    this.warnings.push(fault(code, path, message, details));
  }

  /** @throws DefinitionError with all of them, when there are any */
  throwIfAny(): void {
    const [first, ...others] = this.found;
    if (first) throw new DefinitionError([first, ...others]);
  }
}

function fault(
  code: FaultCode,
  path: string,
  message: string,
  { hint, paths = [path] }: FaultDetails = {},
): Fault {
  return Object.freeze({ code, path, paths, message, hint });
}
