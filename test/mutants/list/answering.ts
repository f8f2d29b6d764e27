import type { Mutant } from '../mutant.ts';

const calls = 'actors/rules/calls.ts';
const moves = 'actors/rules/moves.ts';
const liveRef = 'src/kernel/live-ref.ts';

const seenBy = ['callsAnswered'];

/** What those hear who start, stop and restart by hand. */
export const answering: readonly Mutant[] = [
  {
    id: 'stop-is-not-answered',
    file: moves,
    from: 'for (const call of member.stopCalls) crew.reply(call);',
    to: '',
    breaks: 'Who stops a child does not hear that it is down.',
    seenBy,
  },
  {
    id: 'start-is-not-answered',
    file: moves,
    from: 'roster.release(member);\n    answerStart(desk, member);',
    to: 'roster.release(member);',
    breaks: 'Who starts a child does not hear that it is up.',
    seenBy,
  },
  {
    id: 'failed-start-is-not-answered',
    file: moves,
    from: "answerStart(desk, member, { code: 'Failed', error: exit.outcome.error });",
    to: '',
    breaks: 'Who starts a child does not hear that this failed.',
    seenBy,
  },
  {
    id: 'failed-start-counts-as-done',
    file: moves,
    from: "answerStart(desk, member, { code: 'Failed', error: exit.outcome.error });",
    to: 'answerStart(desk, member);',
    breaks: 'Who starts a child is told that it is up although its start failed.',
    seenBy,
  },
  {
    id: 'excused-start-is-not-answered',
    file: moves,
    from: 'export function excuse(desk: Desk, member: Member): void {\n  answerStart(desk, member);',
    to: 'export function excuse(desk: Desk, member: Member): void {',
    breaks: 'Who starts a child does not hear that it is not needed.',
    seenBy,
  },
  {
    id: 'stop-is-answered-early',
    file: calls,
    from: "member.stopCalls.push(call);\n      roster.withdraw(member);\n      stop(desk, member, 'call');",
    to: "crew.reply(call);\n      roster.withdraw(member);\n      stop(desk, member, 'call');",
    breaks: 'Who stops a child hears that it is down while it still goes down.',
    seenBy,
  },
  {
    id: 'second-stop-is-answered-early',
    file: calls,
    from: "member.stopCalls.push(call);\n      roster.withdraw(member);\n      member.stopPurpose = 'call';",
    to: "crew.reply(call);\n      roster.withdraw(member);\n      member.stopPurpose = 'call';",
    breaks: 'Who stops a child that goes down already hears at once that it is down.',
    seenBy,
  },
  {
    id: 'called-off-start-is-not-answered',
    file: calls,
    from: "answerStart(desk, member, { code: 'Stopped', id: member.policy.id });",
    to: '',
    breaks: 'Who waits for a start that somebody calls off does not hear of it.',
    seenBy,
  },
  {
    id: 'start-is-answered-early',
    file: calls,
    from: 'member.startCall = call;\n  if (member.needsReady)',
    to: 'desk.crew.reply(call);\n  if (member.needsReady)',
    breaks: 'Who starts a child hears that it is up while it still starts.',
    seenBy,
  },
  {
    id: 'restart-forgets-to-start',
    file: liveRef,
    from: "    await this.#callParent('restartChild');\n",
    to: '',
    breaks: 'A restart by hand is answered when the child is down, and leaves it there.',
    seenBy: ['callsAnswered', 'callsObeyed'],
  },
  {
    id: 'new-child-is-not-answered',
    file: calls,
    from: '  member.startCall = call;\n  desk.crew.admit(policy.id, call);',
    to: '  desk.crew.admit(policy.id, call);',
    breaks: 'Who adds a child does not hear that it is up.',
    seenBy,
  },
  {
    id: 'refused-child-is-not-answered',
    file: 'actors/supervisor.ts',
    from: 'if (code) context.crew.reply(event.call, { code, id, limit });',
    to: 'void [code, id, limit];',
    breaks: 'Who adds a child to a supervisor that may have no more does not hear that.',
    seenBy,
  },
  {
    id: 'second-restart-is-refused',
    file: liveRef,
    from: 'if (this.incarnation() > incarnation) return await this.whenReady();',
    to: '',
    breaks: 'Of two who restart a child at the same time, the second is refused.',
    seenBy,
  },
];
