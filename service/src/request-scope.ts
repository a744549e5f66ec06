import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

/** By which one request is found in the logs of every service that had to do with it. */
export const requestIdHeader = "x-request-id";

const scope = new AsyncLocalStorage<string>();

/** The id that a caller gave, where it can break neither a log line nor a header; else a new one. */
export function requestIdFrom(given: string | readonly string[] | undefined): string {
  return typeof given === "string" && /^[A-Za-z0-9_.-]{8,100}$/.test(given) ? given : randomUUID();
}

/** What is done in `work`, and what it sets going, is done for this request. */
export function inRequest<T>(requestId: string, work: () => T): T {
  return scope.run(requestId, work);
}

/** For what outlives the request that began it: a connection, for instance. */
export function outsideRequests<T>(work: () => T): T {
  return scope.exit(work);
}

/** For whom we work just now; undefined: for no request. */
export const currentRequestId = (): string | undefined => scope.getStore();

/** For a logger (pino's `mixin`): every line says for which request it was written, unless its logger does already. */
export function requestMixin(_line?: object, _level?: number, logger?: unknown): { requestId?: string } {
  const requestId = scope.getStore();
  if (requestId === undefined || boundId(logger) !== undefined) return {};
  return { requestId };
}

const boundId = (logger: unknown) =>
  (logger as { bindings?: () => Record<string, unknown> } | undefined)?.bindings?.().requestId;
