import { AppError, InternalSignInRequest, parseOrRefuse } from "@remote-claude/protocol";
import express, { type RequestHandler, Router } from "express";
import { makeSignInLink, presentUser } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { presentInternalProviders, signInByProof } from "../identities/index.ts";
import { bearerOf } from "../lib/bearer.ts";
import { sameSecret } from "../lib/secrets.ts";
import { requestIdOf } from "./request-id.ts";

/** What web and the supervisor ask, on an address that no gateway routes. */
export function internalRouter(context: Context): Router {
  const router = Router();
  router.use(internalSecret(context.config.internalSecret));
  router.use(express.json({ limit: 64 * 1024 }));

  router.post("/sign-ins", async (request, response) => {
    const { proof, address, userAgent } = parseOrRefuse(InternalSignInRequest, request.body, "the body");
    const { signInId, user } = await signInByProof(context, proof, {
      address,
      userAgent,
      requestId: requestIdOf(request),
    });
    response.json({ signInId, user: presentUser(user) });
  });

  router.get("/sign-in-providers", (_request, response) => {
    response.json(presentInternalProviders(context.config.signIn));
  });

  router.post("/sign-in-links", async (_request, response) => {
    response.json({ token: await makeSignInLink(context) });
  });

  return router;
}

/** Without the secret these paths do not exist. */
function internalSecret(secret: string): RequestHandler {
  return (request, _response, next) => {
    const given = bearerOf(request.headers.authorization);
    if (given === null || !sameSecret(given, secret))
      throw new AppError("not_found", "There is nothing here.");
    next();
  };
}
