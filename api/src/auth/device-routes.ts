import {
  answerDevice,
  lookAtDevice,
  parseOrRefuse,
  requestDeviceCode,
  requestDeviceToken,
  TokenScope,
} from "@remote-claude/protocol";
import type { Request, Response } from "express";
import { z } from "zod";
import { readForm } from "../http/form.ts";
import { implement, sent } from "../http/implement.ts";
import * as devices from "./device.ts";
import { sourceOf } from "./principal.ts";

const text = z.string().max(500).optional();
const Form = z.object({ client_id: text, scope: text, grant_type: text, device_code: text });

/** Answers as RFC 6749 wants it: its own names for errors, with status 400. */
async function answer(
  request: Request,
  response: Response,
  work: (form: z.infer<typeof Form>) => Promise<unknown>,
): Promise<typeof sent> {
  await readForm(request, response, 16 * 1024);
  const form = parseOrRefuse(Form, request.body ?? {}, "the form");
  try {
    response.json(await work(form));
  } catch (error) {
    if (!(error instanceof devices.DeviceRefusal)) throw error;
    response.status(400).json({ error: error.error });
  }
  return sent;
}

export const deviceRoutes = {
  requestDeviceCode: implement(requestDeviceCode, ({ context, request, response, requestId }) =>
    answer(request, response, (form) => devices.beginDevice(context, form, sourceOf(request, requestId))),
  ),

  requestDeviceToken: implement(requestDeviceToken, ({ context, request, response, requestId }) =>
    answer(request, response, (form) => devices.pollDevice(context, form, sourceOf(request, requestId))),
  ),

  lookAtDevice: implement(lookAtDevice, async ({ context, principal, params }) => {
    const grant = await devices.findDevice(context, principal, params.userCode);
    return {
      clientName: grant.clientName,
      scopes: TokenScope.array().parse(grant.scopes),
      address: grant.address,
      createdAt: grant.createdAt.toISOString(),
      expiresAt: grant.expiresAt.toISOString(),
    };
  }),

  answerDevice: implement(answerDevice, async ({ context, principal, params, body }) => {
    await devices.answerDevice(context, principal, params.userCode, body.decision);
  }),
};
