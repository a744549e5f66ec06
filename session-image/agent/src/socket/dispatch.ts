import {
  AppError,
  ClientGoneFrame,
  CommandFrame,
  commands,
  decodeFrame,
  type ErrorBody,
  type Handlers,
  parseOrRefuse,
} from "@remote-claude/protocol";
import type { ActJournal } from "../acts/index.ts";
import type { AgentContext } from "../context.ts";
import type { Logger } from "../lib/log.ts";
import { toAppError } from "../lib/system-errors.ts";
import type { ApiConnection } from "./api-connection.ts";

type AnyHandler = (payload: unknown, context: AgentContext) => unknown;

/** What happens to a message of an authenticated connection. Never throws. */
export type Dispatch = (message: string | Uint8Array, connection: ApiConnection) => void;

/**
 * Finds the handler by the frame's type and the schema by the protocol's definition. A handler that answers at
 * once is answered at once: keystrokes do not wait for a turn of the event loop.
 */
export function createDispatch(
  handlers: Handlers<"agent", AgentContext>,
  log: Logger,
  acts: Pick<ActJournal, "perform">,
): Dispatch {
  const handlerOf = new Map(Object.entries(handlers as unknown as Record<string, AnyHandler>));

  function refuse(connection: ApiConnection, id: number, type: string, thrown: unknown): void {
    connection.reply({ re: id, ok: false, error: errorBody(thrown, type, log) });
  }

  function run(frame: CommandFrame, connection: ApiConnection): void {
    const { id, type } = frame;
    try {
      const handler = handlerOf.get(type);
      const definition = commands.get(type);
      if (handler === undefined || definition === undefined)
        throw new AppError("bad_request", `this agent does not know the command ${type}`);
      const payload = parseOrRefuse(definition.payload, frame.payload, type);
      const context = { client: frame.client, actor: frame.actor, connection };
      const result = acts.perform(frame.act, () => handler(payload, context));
      if (!(result instanceof Promise)) connection.reply({ re: id, ok: true, payload: result });
      else
        result.then(
          (reply: unknown) => connection.reply({ re: id, ok: true, payload: reply }),
          (thrown: unknown) => refuse(connection, id, type, thrown),
        );
    } catch (thrown) {
      refuse(connection, id, type, thrown);
    }
  }

  return (message, connection) => {
    let value: unknown;
    try {
      value = decodeFrame(message);
    } catch (error) {
      log.warn({ connection: connection.id, error: String(error) }, "frame refused");
      return connection.close(1007, "not a frame");
    }
    const frame = CommandFrame.safeParse(value);
    if (frame.success) return run(frame.data, connection);
    const gone = ClientGoneFrame.safeParse(value);
    if (gone.success) return connection.clientGone(gone.data.gone);
    const id = idOf(value);
    if (id === null) return connection.close(1008, "not a frame");
    const issue = frame.error.issues[0];
    const message_ = `the frame: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`;
    connection.reply({ re: id, ok: false, error: { code: "bad_request", message: message_ } });
  };
}

/** AppErrors are for the person; anything else is a bug, told to the log alone. */
export function errorBody(thrown: unknown, type: string, log: Logger): ErrorBody {
  const error = toAppError(thrown);
  if (error instanceof AppError) {
    log.debug({ type, code: error.code, error: error.message }, "command refused");
    return error.toBody();
  }
  log.error({ type, err: error }, "command failed");
  return { code: "internal", message: "the session's agent failed; its log says why" };
}

function idOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  const { id } = value;
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : null;
}
