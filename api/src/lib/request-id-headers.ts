import { currentRequestId, requestIdHeader } from "@remote-claude/service/request-scope";

/** So that what another service of ours does for a request is found under its id. */
export function requestIdHeaders(): Record<string, string> {
  const requestId = currentRequestId();
  return requestId === undefined ? {} : { [requestIdHeader]: requestId };
}
