import * as z from "zod";
import { Time } from "../ids.ts";
import { TokenScope } from "../scopes.ts";
import { route } from "./route.ts";

/** RFC 8628, as its clients speak: forms, and errors by its own names. */
export const requestDeviceCode = route({
  method: "POST",
  path: "/api/oauth/device",
  summary: "Begin the device authorization flow (RFC 8628; a form with client_id and scope)",
  needs: "nobody",
  scope: "any",
  accepts: "application/x-www-form-urlencoded",
  reply: z.object({
    device_code: z.string(),
    user_code: z.string(),
    verification_uri: z.string(),
    verification_uri_complete: z.string(),
    expires_in: z.int(),
    interval: z.int(),
  }),
  errors: ["bad_request", "rate_limited"],
});

export const requestDeviceToken = route({
  method: "POST",
  path: "/api/oauth/token",
  summary: "Ask for the token of a device (RFC 8628; a form with grant_type, device_code and client_id)",
  needs: "nobody",
  scope: "any",
  accepts: "application/x-www-form-urlencoded",
  reply: z.object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.int(),
    scope: z.string(),
  }),
  errors: ["bad_request"],
});

export const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

/** As people type it: case, dashes and spaces do not matter. */
export const UserCode = z
  .string()
  .max(40)
  .transform((text) => text.toUpperCase().replaceAll(/[^A-Z]/g, ""))
  .pipe(z.string().length(8));

const UserCodeParams = z.object({ userCode: UserCode });

export const lookAtDevice = route({
  method: "GET",
  path: "/api/oauth/devices/{userCode}",
  summary: "What the device of this code asks for",
  needs: "signed-in",
  scope: "full",
  params: UserCodeParams,
  reply: z.object({
    clientName: z.string(),
    scopes: z.array(TokenScope),
    address: z.string().nullable(),
    createdAt: Time,
    expiresAt: Time,
  }),
  errors: ["not_found", "rate_limited"],
});

export const answerDevice = route({
  method: "POST",
  path: "/api/oauth/devices/{userCode}",
  summary: "Allow the device of this code a token of yours, or refuse it",
  needs: "signed-in",
  scope: "full",
  params: UserCodeParams,
  body: z.strictObject({ decision: z.enum(["approve", "deny"]) }),
  status: 204,
  errors: ["not_found", "rate_limited"],
});
