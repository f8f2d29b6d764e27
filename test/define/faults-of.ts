import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { DefinitionError } from '../../src/errors.ts';

/** A body that does nothing. */
export const idle = (): void => {};

/** What is not meant to compile: the types are switched off to get at the checks at run time. */
export const wrongly = (value: unknown): never => value as never;

/** The error of a definition, which must have one. */
export function errorOf(define: () => unknown): DefinitionError {
  try {
    define();
  } catch (error) {
    if (error instanceof DefinitionError) return error;
    throw error;
  }
  throw new Error('Nothing was wrong with it.');
}

/** Every fault as people read it: place, message, code, hint. */
export function textOf(error: DefinitionError): string {
  return error.message.split('\n').slice(1).join('\n');
}

/** What is wrong with a tree. */
export function faultsOf(root: unknown): string {
  return textOf(errorOf(() => compileTree(root)));
}

/** What is wrong with a service with these options, below `app`. */
export function faultsOfService(options: Record<string, unknown>, body: unknown = idle): string {
  return faultsOf(appOf(service('feed', wrongly(options), wrongly(body))));
}

/** What is wrong with a supervisor `edge` with these options, below `app`. */
export function faultsOfSupervisor(
  options: Record<string, unknown>,
  ...children: unknown[]
): string {
  return faultsOf(appOf(supervisor('edge', wrongly(options), wrongly(children))));
}

export function appOf(...children: AnyDefinition[]): AnyDefinition {
  return supervisor('app', children);
}
