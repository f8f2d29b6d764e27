import { readFileSync } from 'node:fs';
import { createSystem, service, supervisor, ignore } from '../src/index.ts';
import { VirtualClock } from '../src/testing/virtual-clock.ts';
import { pino } from 'pino';
const file = process.argv[2] ?? '/work/shared/conformance/cases.json';
const only = process.argv[3];
const codes: any = { StartFailed: 'DARUMA_START_FAILED', StartTimeout: 'DARUMA_START_TIMEOUT', Stopped: 'DARUMA_STOPPED', AlreadyStarted: 'DARUMA_ALREADY_STARTED', AlreadyPresent: 'DARUMA_ALREADY_PRESENT', Running: 'DARUMA_RUNNING', Restarting: 'DARUMA_RESTARTING', NotFound: 'DARUMA_NOT_FOUND', NotRunning: 'DARUMA_NOT_RUNNING', TooManyChildren: 'DARUMA_TOO_MANY_CHILDREN', NotSupported: 'DARUMA_NOT_SUPPORTED' };
for (const c of ['DuplicateId','InvalidRestart','InvalidStopWithin','InvalidStrategy','InvalidIntensity','InvalidPeriod','InvalidAutoShutdown','InvalidTemplate','InvalidSignificant','InvalidBackoff','UnknownNeed','InvalidNeed','NeedsCycle']) codes[c] = 'DARUMA_' + c.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
let pass = 0, fail = 0;
for (const sc of JSON.parse(readFileSync(file, 'utf8'))) {
  if (only && sc.id !== only) continue;
  const errs = await run(sc).catch((e) => ['CRASH ' + (e?.stack ?? e)]);
  if (errs.length) { fail++; console.log('FAIL', sc.id, sc.title); for (const e of errs) console.log('   ', e); } else pass++;
}
console.log(`${pass} passed, ${fail} failed`);
async function run(sc: any): Promise<string[]> {
  const clock = new VirtualClock(); let ownTimers = 0;
  const after = (ms: number, fn: () => void) => { ownTimers++; const h = clock.setTimeout(() => { ownTimers--; fn(); }, ms); return () => { if (!(h as any).isCleared) { ownTimers--; clock.clearTimeout(h); } }; };
  const attempts = new Map<string, number>(); const exits = new Map<string, (r: string) => void>(); const errs: string[] = [];
  const names = new Map<string, string>(); const results = new Map<string, any>();
  const log: any[] = []; let mark = 0; let system: any;
  const sub = (p: string) => p.replace(/^\$(\w+)/, (_, n) => names.get(n) ?? '$' + n);
  const body = (spec: any) => (ctx: any) => new Promise<any>((resolve, reject) => {
    const path = ctx.path; const n = attempts.get(path) ?? 0; attempts.set(path, n + 1);
    const list = Array.isArray(spec.start) ? spec.start : [spec.start ?? 'ok']; const out = list[Math.min(n, list.length - 1)];
    const deaf = typeof out === 'object' && 'deafOkAfterMs' in out;
    let cancel = () => {};
    const ready = () => {
      exits.set(path, (r) => { if (r === 'normal') resolve(undefined); else if (r === 'error') reject(new Error('exit')); else reject(Object.assign(new Error('ab'), { name: 'AbortError' })); });
      try { ctx.ready(); ctx.defer(() => { const st = spec.stop ?? 'graceful'; if (st === 'graceful') return; if (st === 'never') return new Promise(() => {}); if (st === 'throws') throw new Error('cleanup'); return new Promise<void>((r) => after(st.takesMs, r)); }); } catch { }
    };
    if (!deaf) ctx.signal.addEventListener('abort', () => { cancel(); reject(ctx.signal.reason); });
    if (out === 'ok') ready(); else if (out === 'fail') reject(new Error('fail')); else if (out === 'ignore') resolve(ignore); else if (out === 'ends') resolve(undefined); else if (out === 'hang') {} 
    else if ('okAfterMs' in out) cancel = after(out.okAfterMs, ready); else if ('failAfterMs' in out) cancel = after(out.failAfterMs, () => reject(new Error('fail'))); else cancel = after(out.deafOkAfterMs, ready);
  });
  const opt = (s: any, full: boolean) => {
    const o: any = {}; const put = (k: string, v: any) => { if (v !== undefined) o[k] = v; };
    put('restart', s.restart ?? (full ? 'permanent' : undefined)); put('significant', s.significant ?? (full ? false : undefined));
    if ('strategy' in s) { put('strategy', s.strategy); put('intensity', s.intensity ?? 10); put('period', s.periodMs ?? 60000); put('whenExhausted', s.whenExhausted ?? 'escalate'); put('autoShutdown', s.autoShutdown ?? 'never'); if (s.strategy !== 'dynamic') put('start', s.start ?? 'sequential'); put('stopWithin', s.stopWithinMs ?? 'infinity'); put('maxChildren', s.maxChildren); o.backoff = { first: 0, max: 0, jitter: 'none', resetAfter: 0 }; return o; }
    put('startWithin', s.startWithinMs ?? (full ? 10000 : undefined)); put('stopWithin', s.stopWithinMs ?? (full ? 5000 : undefined)); put('onLoss', s.onLoss ?? (full ? 'suspend' : undefined));
    if (s.needs) o.needs = Object.fromEntries(s.needs.map((p: string, i: number) => ['n' + i, sub(p)]));
    if (s.backoff || full) o.backoff = s.backoff ? { first: s.backoff.firstMs, max: s.backoff.maxMs, factor: s.backoff.factor ?? 2, jitter: 'none', resetAfter: s.backoff.resetAfterMs } : { first: 0, max: 0, jitter: 'none', resetAfter: 0 };
    if (s.decide) o.decide = () => s.decide;
    if (full || s.start !== undefined || s.stop !== undefined) { o.ready = 'manual'; }
    return o;
  };
  const def = (s: any, id = s.id): any => 'strategy' in s ? (s.template || s.strategy === 'dynamic' ? (supervisor as any)(id, { ...opt(s, true), ...(s.template && { template: def(s.template, 't') }) }, ...(s.children ? [s.children.map((c: any) => def(c))] : [])) : (supervisor as any)(id, opt(s, true), (s.children ?? []).map((c: any) => def(c)))) : (service as any)(id, { ...opt(s, true), ready: 'manual' }, body(s));
  const toCode = (e: any) => { const k = Object.keys(codes).find((c) => codes[c] === e.code); return { error: k ?? e.code ?? e, paths: e.paths, e }; };
  const matches = (exp: any, got: any) => exp === 'ok' || exp === 'pending' ? got === exp : typeof got === 'object' && got.error === exp.error && (!exp.paths || JSON.stringify(exp.paths.map(sub).sort()) === JSON.stringify([...(got.paths ?? [])].sort()));
  const track = async (p: () => Promise<any>, step: any) => {
    const box: any = { v: 'pending' }; if (step.as) results.set(step.as, box);
    try { p().then((r) => { box.v = 'ok'; if (step.as && r?.path) names.set(step.as, r.path); }, (e) => { box.v = toCode(e); }); } catch (e) { box.v = toCode(e); }
    await clock.settle();
    if (!matches(step.expect, box.v)) errs.push(`${step.do} ${step.fn ?? ''} expect ${JSON.stringify(step.expect)} got ${JSON.stringify(box.v, (k, v) => k === 'e' ? String(v) : v)}`);
  };
  for (const step of sc.steps) {
    if (step.do === 'start') await track(() => {
      system = createSystem(def(sc.tree), { clock, seed: 1, grace: 'infinity', bootWithin: 'infinity', logger: pino({ level: 'silent' }), env: {} });
      system.events$.subscribe((e: any) => { log.push(e); if (system.find(e.path)?.status() === undefined && e.type !== 'dropped') {} });
      return system.start();
    }, step);
    else if (step.do === 'stop') await track(() => system.stop(), step);
    else if (step.do === 'exit') { for (const p of step.paths) exits.get(sub(p))!(step.reason); await clock.settle(); }
    else if (step.do === 'advance') await clock.advance(step.ms);
    else if (step.do === 'mark') mark = log.length;
    else if (step.do === 'call') await track(async () => {
      const ref = system.find(step.at); if (!ref) throw { code: 'DARUMA_NOT_FOUND' };
      const dyn = ref.count().specs === 1 && find(sc.tree, step.at)?.strategy === 'dynamic';
      if (step.fn === 'startChild') {
        if (dyn) {
          const t = find(sc.tree, step.at).template; const merged = { ...t, ...step.spec };
          const over = 'strategy' in t ? opt(merged, true) : { ...opt(merged, true), ready: 'manual', run: body(merged) };
          delete over.strategy; if ('strategy' in t) { delete over.start; }
          return ref.startChild(over);
        }
        attempts.delete(step.at + '/' + step.spec.id); return ref.startChild(def(step.spec));
      }
      const child = sub(step.child); const arg = step.child.startsWith('$') ? (step.fn === 'stopChild' ? { path: child, status: () => system.find(child)?.status() ?? 'absent' } : child.slice(step.at.length + 1)) : child;
      return ref[step.fn](arg);
    }, step);
    else if (step.do === 'expect') check(step);
  }
  if (errs.length) errs.push('LOG ' + log.map((e) => `${e.at}:${e.type} ${e.path}`).join(' | '));
  return errs;
  function find(t: any, path: string): any { const [, ...r] = path.split('/'); let n = t; for (const id of r) n = (n.children ?? []).find((c: any) => c.id === id) ?? n.template; return n; }
  function check(s: any) {
    const known = ['starting', 'ready', 'ignored', 'start-failed', 'stop-requested', 'ended', 'unstopped', 'stop-error', 'backoff', 'suspended', 'failed'];
    const all = log.filter((e) => known.includes(e.type)).map((e) => `${e.type} ${e.path}`); const since = log.slice(mark).filter((e) => known.includes(e.type)).map((e) => `${e.type} ${e.path}`);
    const eq = (what: string, exp: any, got: any) => { if (JSON.stringify(exp) !== JSON.stringify(got)) errs.push(`${what}: expected ${JSON.stringify(exp)} got ${JSON.stringify(got)}`); };
    for (const [p, v] of Object.entries(s.status ?? {})) eq('status ' + p, v, system.find(sub(p))?.status() ?? 'absent');
    for (const [p, v] of Object.entries(s.starts ?? {})) eq('starts ' + p, v, all.filter((l) => l === 'starting ' + sub(p)).length);
    for (const [p, v] of Object.entries(s.counts ?? {})) eq('counts ' + p, v, system.find(sub(p)).count());
    if (s.log) { let i = 0; for (const l of since) if (l === s.log[i]?.replace(/ (.*)/, (_: any, p: string) => ' ' + sub(p))) i++; if (i < s.log.length) errs.push(`log: missing ${s.log[i]}`); }
    if (s.logExact) eq('logExact', s.logExact, since);
    for (const n of s.never ?? []) if (since.includes(n)) errs.push('never ' + n);
    for (const [p, v] of Object.entries(s.ended ?? {})) eq('ended ' + p, v, log.filter((e) => e.type === 'ended' && e.path === sub(p)).at(-1)?.reason);
    for (const [n, v] of Object.entries(s.results ?? {})) if (!matches(v, results.get(n).v)) errs.push(`result ${n} expected ${JSON.stringify(v)} got ${JSON.stringify(results.get(n).v)}`);
    for (const [p, v] of Object.entries(s.delays ?? {})) eq('delays ' + p, v, log.filter((e) => e.type === 'backoff' && e.path === sub(p)).map((e) => e.delayMs));
    for (const [p, v] of Object.entries(s.restartsCharged ?? {})) eq('charged ' + p, v, log.filter((e) => e.type === 'backoff' && e.path === sub(p)).length);
    if (s.unstopped) eq('unstopped', [...s.unstopped].map(sub).sort(), [...new Set(log.filter((e) => e.type === 'unstopped').map((e) => e.path))].sort());
    if (s.stopErrors) eq('stopErrors', [...s.stopErrors].sort(), [...new Set(log.filter((e) => e.type === 'stop-error').map((e) => e.path))].sort());
    for (const [p, v] of Object.entries(s.worstCaseMs ?? {})) { const w = system.find(sub(p)).worstCaseStop(); eq('worst ' + p, v, w === Infinity ? 'infinity' : w); }
    if (s.pendingTimers !== undefined) eq('pendingTimers', s.pendingTimers, clock.pendingTimers - ownTimers);
  }
}
