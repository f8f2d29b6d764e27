import { assign, enqueueActions, raise, setup } from 'xstate';
import * as calls from './rules/calls.ts';
import type { Crew, OwnEnd } from './rules/crew.ts';
import * as moves from './rules/moves.ts';
import { neverBegan, type Outcome } from './rules/restart.ts';
import {
  type Exit,
  type Member,
  type MemberPolicy,
  Roster,
  type SupervisorPolicy,
} from './rules/roster.ts';
import { endsSupervisor, type Verdict, verdictOn } from './rules/strategy.ts';

/** `at` is milliseconds on the system's clock; `call` names who waits for the answer. */
export type SupervisorEvent =
  | { type: 'memberReady'; id: string }
  | { type: 'memberIgnored'; id: string; outcome: Outcome; at: number }
  | { type: 'memberDown'; id: string; outcome: Outcome; at: number }
  | { type: 'restartDue'; id: string }
  | { type: 'needsReady'; id: string }
  /** `suspend`: it cannot go on without. */
  | { type: 'needLost'; id: string; suspend: boolean }
  | { type: 'startChild'; call: number; member: MemberPolicy }
  | { type: 'stopChild'; call: number; id: string }
  | { type: 'restartChild'; call: number; id: string }
  | { type: 'removeChild'; call: number; id: string }
  | { type: 'decide' }
  | { type: 'judge'; exit: Exit }
  | { type: 'freeze' }
  | { type: 'stop' };

export interface SupervisorInput {
  readonly policy: SupervisorPolicy;
  readonly members: readonly MemberPolicy[];
  readonly crew: Crew;
}

interface SupervisorContext {
  readonly roster: Roster;
  readonly crew: Crew;
  readonly end: OwnEnd | undefined;
}

interface Situation {
  readonly context: SupervisorContext;
  readonly event: SupervisorEvent;
}

type MemberEvent = Extract<SupervisorEvent, { id: string }>;
type Call = Extract<SupervisorEvent, { call: number }>;

const memberOf = ({ context, event }: Situation): Member | undefined =>
  context.roster.members.get((event as MemberEvent).id);

/** The member that the event is about; guards have made sure that there is one. */
const theMember = (situation: Situation): Member => memberOf(situation) as Member;

const exitOf = ({ event }: Situation): Exit =>
  event.type === 'judge' ? event.exit : (event as Extract<SupervisorEvent, { at: number }>);

const culpritOf = (situation: Situation): Member =>
  situation.context.roster.members.get(exitOf(situation).id) as Member;

const callOf = ({ event }: Situation): number => (event as Call).call;

const verdictIs = ({ context, event }: Situation, verdict: Verdict): boolean =>
  event.type === 'judge' && verdictOn(context.roster, event.exit) === verdict;

const supervision = setup({
  types: {} as {
    context: SupervisorContext;
    input: SupervisorInput;
    events: SupervisorEvent;
    output: OwnEnd | undefined;
  },
  guards: {
    isStarting: (s) => memberOf(s)?.state === 'starting',
    isStopping: (s) => memberOf(s)?.state === 'stopping',
    isUnknown: (s) => memberOf(s) === undefined,
    wasExpected: (s) => moves.wasExpected(theMember(s), exitOf(s)),
    wasHeldBack: (s) => memberOf(s)?.state === 'starting' && neverBegan(exitOf(s).outcome),
    failedItsFirstStart: (s) =>
      moves.failedForGood(theMember(s), exitOf(s)) && theMember(s).startPurpose === 'first',
    failedTheStartOfACall: (s) => moves.failedForGood(theMember(s), exitOf(s)),
    isFirstOfItsInstant: ({ context }) => context.roster.exits.length === 0,
    everyoneHasArrived: ({ context }) => context.roster.everyoneHasArrived,
    everyoneIsDown: ({ context }) => context.roster.everyoneIsDown,
    isOvertaken: (s) => verdictIs(s, 'overtaken'),
    isAbsorbedByItsGroup: (s) => verdictIs(s, 'absorbed'),
    endsTheSupervisor: (s) =>
      (verdictIs(s, 'stays-down') || verdictIs(s, 'give-up')) &&
      endsSupervisor(s.context.roster, culpritOf(s)),
    staysDown: (s) => verdictIs(s, 'stays-down'),
    escalates: (s) => verdictIs(s, 'escalate'),
    isGivenUp: (s) => verdictIs(s, 'give-up'),
    mayBeAdded: ({ context, event }) =>
      event.type === 'startChild' &&
      calls.refusalOfAdd(context.roster, event.member.id) === undefined,
    isDownForGood: ({ context, event }) =>
      calls.refusalOfDownCall(context.roster, (event as MemberEvent).id) === undefined,
    losesItsFooting: (s) =>
      s.event.type === 'needLost' &&
      s.event.suspend &&
      ['starting', 'running'].includes(memberOf(s)?.state ?? ''),
  },
  actions: {
    advance: ({ context }) => moves.advance(context),
    welcome: (s) => moves.arrive(s.context, theMember(s)),
    excuse: (s) => moves.excuse(s.context, theMember(s)),
    holdBack: (s) => moves.hold(s.context, theMember(s)),
    finishStop: (s) => moves.finishStop(s.context, theMember(s), exitOf(s)),
    recordExit: (s) => moves.recordExit(s.context, theMember(s), exitOf(s)),
    decideSoon: raise({ type: 'decide' }, { delay: 0, id: 'decide' }),
    judgeExits: enqueueActions(({ context, enqueue }) => {
      for (const exit of context.roster.exits.splice(0)) enqueue.raise({ type: 'judge', exit });
    }),
    absorb: (s) => moves.absorb(s.context, culpritOf(s)),
    putDown: (s) => moves.putDown(s.context, culpritOf(s), exitOf(s)),
    restart: (s) => moves.restart(s.context, culpritOf(s), exitOf(s)),
    becomeDue: (s) => {
      const member = memberOf(s);
      if (member) moves.becomeDue(s.context, member);
    },
    noteNeedsReady: (s) => {
      const member = memberOf(s);
      if (!member) return;
      member.needsReady = true;
      moves.resume(s.context, member);
      moves.advance(s.context);
    },
    noteNeedLost: (s) => {
      const member = memberOf(s);
      if (member) member.needsReady = false;
    },
    suspend: (s) => moves.stop(s.context, theMember(s), 'suspend'),
    add: ({ context, event }) => {
      if (event.type === 'startChild') calls.addMember(context, event.member, event.call);
    },
    restartByHand: (s) => calls.restartByHand(s.context, theMember(s), callOf(s)),
    stopByHand: (s) => calls.stopByHand(s.context, theMember(s), callOf(s)),
    remove: (s) => calls.removeMember(s.context, theMember(s), callOf(s)),
    reportFailedStart: (s) => moves.reportFailedStart(s.context, theMember(s), exitOf(s)),
    refuseAdd: ({ context, event }) => {
      if (event.type !== 'startChild') return;
      const { id } = event.member;
      const code = calls.refusalOfAdd(context.roster, id);
      const limit = context.roster.policy.maxChildren;
      if (code) context.crew.reply(event.call, { code, id, limit });
    },
    refuseDownCall: ({ context, event }) => {
      const { id, call } = event as Call & MemberEvent;
      const code = calls.refusalOfDownCall(context.roster, id);
      if (code) context.crew.reply(call, { code, id });
    },
    refuseUnknown: ({ context, event }) => {
      const { id, call } = event as Call & MemberEvent;
      context.crew.reply(call, { code: 'NotFound', id });
    },
    refuseAll: (s) => s.context.crew.reply(callOf(s), { code: 'NotRunning' }),
    blameFirstStart: assign({ end: (s) => moves.ownEnd(s.context, exitOf(s), 'error') }),
    blameBudget: assign({ end: (s) => moves.ownEnd(s.context, exitOf(s), 'RestartLimitExceeded') }),
    shutItselfDown: assign({ end: (s) => moves.ownEnd(s.context, exitOf(s), 'shutdown') }),
    announceReady: ({ context }) => context.crew.ready(),
    announceLeaving: ({ context }) => {
      if (context.end) context.crew.leaving(context.end);
    },
    freezeSubtree: ({ context }) => context.crew.freeze(),
    standStill: ({ context }) => moves.standStill(context),
    beginStopping: ({ context }) => moves.beginStopping(context),
    hurry: ({ context }) => moves.hurry(context),
    stopNext: ({ context }) => moves.stopNext(context),
    layDown: (s) => {
      const member = memberOf(s);
      if (member) moves.layDown(s.context, member, exitOf(s));
    },
    noteReady: (s) => {
      const member = theMember(s);
      s.context.roster.move(member, 'running');
      moves.answerStart(s.context, member);
    },
  },
});

/** What a supervisor does from its first start until it begins to stop. */
const supervising = {
  memberReady: { guard: 'isStarting', actions: 'welcome' },
  memberIgnored: [
    { guard: 'isStarting', actions: 'excuse' },
    { guard: 'isStopping', actions: 'finishStop' },
  ],
  memberDown: [
    { guard: 'isUnknown' },
    { guard: 'wasExpected', actions: 'finishStop' },
    { guard: 'wasHeldBack', actions: 'holdBack' },
    { guard: 'failedItsFirstStart', target: 'stopping', actions: ['blameFirstStart', 'layDown'] },
    { guard: 'failedTheStartOfACall', actions: 'reportFailedStart' },
    { guard: 'isFirstOfItsInstant', actions: ['recordExit', 'decideSoon'] },
    { actions: 'recordExit' },
  ],
  decide: { actions: 'judgeExits' },
  judge: [
    { guard: 'isOvertaken' },
    { guard: 'isAbsorbedByItsGroup', actions: 'absorb' },
    { guard: 'endsTheSupervisor', target: 'stopping', actions: ['putDown', 'shutItselfDown'] },
    { guard: 'staysDown', actions: ['putDown', 'advance'] },
    { guard: 'escalates', target: 'stopping', actions: 'blameBudget' },
    { guard: 'isGivenUp', actions: ['putDown', 'advance'] },
    { actions: 'restart' },
  ],
  restartDue: { actions: 'becomeDue' },
  needsReady: { actions: 'noteNeedsReady' },
  needLost: [
    { guard: 'losesItsFooting', actions: ['noteNeedLost', 'suspend'] },
    { actions: 'noteNeedLost' },
  ],
  startChild: [{ guard: 'mayBeAdded', actions: 'add' }, { actions: 'refuseAdd' }],
  stopChild: [{ guard: 'isUnknown', actions: 'refuseUnknown' }, { actions: 'stopByHand' }],
  restartChild: [
    { guard: 'isDownForGood', actions: 'restartByHand' },
    { actions: 'refuseDownCall' },
  ],
  removeChild: [{ guard: 'isDownForGood', actions: 'remove' }, { actions: 'refuseDownCall' }],
  freeze: { target: 'frozen' },
  stop: { target: 'stopping' },
} as const;

/** Once a stop has begun nothing is decided any more. */
const halting = {
  startChild: { actions: 'refuseAll' },
  stopChild: { actions: 'refuseAll' },
  restartChild: { actions: 'refuseAll' },
  removeChild: { actions: 'refuseAll' },
} as const;

/**
 * One incarnation of a supervisor. It owns its members' actors through the crew; the members of its
 * definition come back with the next incarnation, those that calls added do not.
 *
 * ```
 *   starting ──everyone has arrived──▶ running
 *      │                                 │
 *      ├────── freeze ──▶ frozen ◀───────┤      an ancestor stops: nothing starts any more
 *      │                    │            │
 *      └── stop, a failed ──┴▶ stopping ◀┘      stop, budget spent, significant child ended
 *          first start            │
 *                           everyone is down ──▶ ended
 * ```
 *
 * Semantics: OTP `supervisor`, except that an exhausted budget is an abnormal end.
 */
export const supervisorMachine = supervision.createMachine({
  id: 'supervisor',
  context: ({ input }) => ({
    roster: new Roster(input.policy, input.members),
    crew: input.crew,
    end: undefined,
  }),
  initial: 'starting',
  states: {
    starting: {
      description: 'Its items come up; waits until each has been ready once.',
      entry: 'advance',
      on: supervising,
      always: { guard: 'everyoneHasArrived', target: 'running', actions: 'announceReady' },
    },
    running: {
      description: 'Watches its items and restarts what fails.',
      on: supervising,
    },
    frozen: {
      description: 'A supervisor above is stopping: starts nothing, waits for its own turn.',
      entry: 'standStill',
      on: {
        ...halting,
        memberReady: { guard: 'isStarting', actions: 'noteReady' },
        memberIgnored: { actions: 'layDown' },
        memberDown: { actions: 'layDown' },
        stop: { target: 'stopping' },
      },
    },
    stopping: {
      description: 'Takes its items down, in reverse order; waits for the last to be down.',
      entry: ['announceLeaving', 'freezeSubtree', 'standStill', 'beginStopping'],
      on: {
        ...halting,
        memberIgnored: { actions: ['layDown', 'stopNext'] },
        memberDown: { actions: ['layDown', 'stopNext'] },
        stop: { actions: 'hurry' },
      },
      always: { guard: 'everyoneIsDown', target: 'ended' },
    },
    ended: {
      description: 'All its items are down.',
      type: 'final',
    },
  },
  output: ({ context }) => context.end,
});
