import type { ItemSpec, ServiceSpec } from '../../define/spec.ts';
import type { SimulatedBody } from '../simulated-body.ts';

/** The same tree with faults around what its batteries call again and again. */
export function withBentWork<Spec extends ItemSpec>(
  spec: Spec,
  path: string,
  bodyAt: (path: string) => SimulatedBody | undefined,
): Spec {
  if (spec.kind === 'service') return bentService(spec, path, bodyAt) as Spec;
  return {
    ...spec,
    children: spec.children.map((child) => withBentWork(child, `${path}/${child.name}`, bodyAt)),
  };
}

function bentService(
  spec: ServiceSpec,
  path: string,
  bodyAt: (path: string) => SimulatedBody | undefined,
): ServiceSpec {
  const { body } = spec;
  const battery = body.kind === 'hooks' ? body.battery : undefined;
  const work = battery?.work;
  if (body.kind !== 'hooks' || !battery || !work) return spec;
  const bent = (ctx: { readonly signal: AbortSignal }, ...rest: unknown[]): unknown => {
    const call = () => work(ctx, ...rest);
    const bend = bodyAt(path)?.bends.work;
    return bend ? bend(call, ctx.signal) : call();
  };
  return { ...spec, body: { ...body, battery: { ...battery, work: bent } } };
}
