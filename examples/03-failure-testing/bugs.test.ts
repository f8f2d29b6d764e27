import { bodyInvariants, checkTree, TreeCheckError } from 'daruma/testing';
import { describe, expect, it } from 'vitest';
import { makeShop } from './forgotten-need.ts';
import { makeUploads } from './hanging-stop.ts';
import { makeMails } from './outliving-retry.ts';

// Each tree has one bug, and works as long as nothing goes wrong. A real test of yours is one line,
// `await checkTree(makeTree)`; these look at the message that it fails with.

/** What `checkTree` says of a tree. */
async function messageFor(makeTree: Parameters<typeof checkTree>[0]): Promise<string> {
  const check = checkTree(makeTree, { invariants: bodyInvariants, seed: 1 });
  const error = await check.catch((thrown: unknown) => thrown);
  if (error instanceof TreeCheckError) return error.message;
  throw new Error('Nothing was found.', { cause: error });
}

/** The lines that prove it, without times and numbers. */
function evidenceIn(message: string): string[] {
  const [, proof = ''] = /What proves it:\n([\s\S]*?)\n\n/.exec(message) ?? [];
  return proof.split('\n').map((line) => line.replace(/^ *[\d.]+ms {2}#\d+ /, ''));
}

describe('three bugs that wait for a failure', () => {
  it('a forgotten need', async () => {
    const message = await messageFor(makeShop);

    expect(message).toContain('failsOnlyWhenStruck, at shop/orders');
    expect(message).toContain('Does it need shop/database, and not say so?');
    expect(evidenceIn(message).at(-1)).toMatch(/^shop\/orders \(life 1\) failed: the connection/);
    expect(message).toContain('const plan: FaultPlan = {');
  });

  it('a stop hook that can hang', async () => {
    const message = await messageFor(makeUploads);

    expect(message).toContain('stopsInTime, at uploads/uploader');
    expect(message).toContain('its stop hook or cleanup is not over');
    expect(evidenceIn(message).join('\n')).toMatch(
      /uploads\/store .*is struck by[\s\S]*asked to stop[\s\S]*did not stop within 2s/,
    );
    expect(message).toContain('const plan: FaultPlan = {');
  });

  it('a retry that outlives its service', async () => {
    const message = await messageFor(makeMails);

    expect(message).toContain('endsWithItsIncarnation, at mails/mailer');
    expect(message).toContain('it may not call ctx.health any more');
    expect(evidenceIn(message).length).toBeGreaterThanOrEqual(3);
    expect(message).toContain('const plan: FaultPlan = {');
  });
});
