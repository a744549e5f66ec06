import { AppError } from "@remote-claude/protocol";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Context } from "../context.ts";
import { metricsRouter, observe } from "../system/index.ts";
import { errorHandler } from "./errors.ts";
import type { Handlers } from "./handlers.ts";
import { internalRouter } from "./internal.ts";
import { requestLogger } from "./log.ts";
import { mountRoutes } from "./mount.ts";
import { requestId } from "./request-id.ts";

/** The whole HTTP edge of the api. */
export function createHttp(context: Context, handlers: Handlers): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  // The simple parser knows no nested objects: a query is text by name, and a name given twice is refused.
  app.set("query parser", "simple");
  app.use(requestId, requestLogger(context.log), observe(context));
  app.use(
    helmet({
      // These answers are data: nothing in them may load, run, or be framed.
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
      },
      strictTransportSecurity: context.config.publicUrl.startsWith("https:"),
      referrerPolicy: { policy: "no-referrer" },
    }),
  );
  app.use((_request, response, next) => {
    response.setHeader("Cache-Control", "no-store");
    next();
  });
  app.use("/metrics", metricsRouter(context));
  app.use("/internal", internalRouter(context));
  mountRoutes(app, context, handlers);
  app.use((request) => {
    throw new AppError("not_found", `There is nothing at ${request.path.slice(0, 200)}.`);
  });
  app.use(errorHandler(context));
  return app;
}
