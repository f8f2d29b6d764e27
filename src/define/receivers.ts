/** Handlers by the names of their messages. A handler may narrow the type of its payload. */
export type Receivers<Ctx> = Readonly<Record<string, Handler<Ctx>>>;
// A method's parameters are compared both ways, so that `(payload: Ping, ctx) => ...` is accepted.
type Handler<Ctx> = { handle(payload: unknown, ctx: Ctx): unknown }['handle'];

/** `{ ping: { payload: Ping; reply: Pong } }` from the handlers. */
export type MessagesFrom<Receive> = {
  readonly [Name in keyof Receive]: Receive[Name] extends (...args: infer Args) => infer Reply
    ? {
        readonly payload: Args extends [infer P, ...unknown[]] ? P : undefined;
        readonly reply: Awaited<Reply>;
      }
    : never;
};
