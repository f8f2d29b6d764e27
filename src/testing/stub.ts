import { isBattery } from '../define/battery.ts';
import type { Context } from '../define/context.ts';
import {
  type AnyDefinition,
  type AnyService,
  type AnySupervisor,
  isDefinition,
} from '../define/definition.ts';
import { isOptional } from '../define/needs.ts';
import { isPlain } from '../define/recorded.ts';

/** What stands in for the bodies of a tree. It learns from `ctx.path` whom it plays. */
export interface Understudy {
  /** Resolves when ready. */
  start(ctx: Context): unknown;
  /** undefined: every service lives until it is stopped. */
  run(ctx: Context): unknown;
  stop(ctx: Context): unknown;
}

/** What a definition says that its body does: of no use without the body. */
const ofTheBody = [
  'start',
  'run',
  'stop',
  'drain',
  'ready',
  'input',
  'config',
  'receive',
  'watchdog',
  'health',
];

/**
 * A tree with the same names, policies, needs and limits, and none of its bodies: everything that a
 * user wrote is left out but `decide`. So is configuration, which only bodies read.
 */
export function stubTree(root: AnySupervisor, understudy: Understudy): AnySupervisor {
  const known = new Map<AnyDefinition, AnyDefinition>();
  return stubbed(root, { understudy, known }) as AnySupervisor;
}

interface Stubbing {
  readonly understudy: Understudy;
  /** Each definition becomes one stub, so that needs still mean the same thing. */
  readonly known: Map<AnyDefinition, AnyDefinition>;
}

function stubbed(definition: AnyDefinition, stubbing: Stubbing): AnyDefinition {
  const known = stubbing.known.get(definition);
  if (known) return known;
  const stub = (
    definition.kind === 'service'
      ? { ...definition, options: serviceOptions(definition, stubbing), body: undefined }
      : {
          ...definition,
          options: supervisorOptions(definition.options, stubbing),
          children: Array.isArray(definition.children)
            ? definition.children.map((child) => mapped(child, stubbing))
            : definition.children,
        }
  ) as AnyDefinition;
  stubbing.known.set(definition, stub);
  return stub;
}

function serviceOptions({ options, body }: AnyService, stubbing: Stubbing): object {
  const ownOptions = isBattery(body) ? body.options : [];
  const { understudy } = stubbing;
  const { needs, ...rest } = without(options, [...ofTheBody, ...ownOptions]);
  const wanted = Object.entries(isPlain(needs) ? needs : {});
  return {
    ...rest,
    needs: Object.fromEntries(wanted.map(([key, need]) => [key, mapped(need, stubbing)])),
    start: (ctx: Context) => understudy.start(ctx),
    run: (ctx: Context) => understudy.run(ctx),
    stop: (ctx: Context) => understudy.stop(ctx),
  };
}

function supervisorOptions(options: unknown, stubbing: Stubbing): object {
  const { template, ...rest } = without(options, ['config']);
  return template === undefined ? rest : { ...rest, template: mapped(template, stubbing) };
}

/** A definition, or something that leads to one. */
function mapped(value: unknown, stubbing: Stubbing): unknown {
  if (isDefinition(value)) return stubbed(value, stubbing);
  if (isOptional(value)) return { ...value, target: mapped(value.target, stubbing) };
  if (typeof value === 'function') return () => mapped((value as () => unknown)(), stubbing);
  return value;
}

function without(options: unknown, names: readonly string[]): Record<string, unknown> {
  if (!isPlain(options)) return {};
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}
