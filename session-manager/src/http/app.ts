import {
  AppError,
  type ManagerCapabilities,
  PlaceId,
  PlaceRequest,
  parseOrRefuse,
} from "@remote-claude/protocol";
import type { Metrics } from "@remote-claude/service/metrics";
import express, { type Express, type Request } from "express";
import type { Logger } from "pino";
import type { Places } from "../places.ts";
import { authenticate } from "./authenticate.ts";
import { answerErrors } from "./errors.ts";
import { streamEvents } from "./event-stream.ts";
import { requestLog } from "./request-log.ts";

export interface AppOptions {
  readonly places: Places;
  readonly capabilities: () => ManagerCapabilities;
  readonly metrics: Metrics;
  readonly secret: string;
  readonly log: Logger;
}

const placeIdOf = (request: Request) => parseOrRefuse(PlaceId, request.params.placeId, "the place's name");

/** The interface of protocol/src/places.ts. */
export function createApp({ places, capabilities, metrics, secret, log }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(requestLog(log));

  app.get("/health", (_request, response) => {
    response.json({ status: "ok" });
  });

  app.use(authenticate(secret));
  app.use(express.json({ limit: "16kb", type: () => true }));

  app.get("/capabilities", (_request, response) => {
    response.json(capabilities());
  });
  app.get("/metrics", async (_request, response) => {
    response.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text());
  });
  app.get("/events", streamEvents(places));
  app.get("/places", async (_request, response) => {
    response.json({ places: await places.list() });
  });
  app.get("/places/:placeId", async (request, response) => {
    response.json(await places.get(placeIdOf(request)));
  });
  app.put("/places/:placeId", async (request, response) => {
    const placeId = placeIdOf(request);
    const body = parseOrRefuse(PlaceRequest, request.body);
    response.json(await places.ensure(placeId, body));
  });
  for (const action of ["stop", "pause", "resume"] as const) {
    app.post(`/places/:placeId/${action}`, async (request, response) => {
      response.json(await places[action](placeIdOf(request)));
    });
  }
  app.delete("/places/:placeId", async (request, response) => {
    await places.remove(placeIdOf(request));
    response.status(204).end();
  });

  app.use((request) => {
    throw new AppError("not_found", `there is no ${request.method} ${request.path}`);
  });
  app.use(answerErrors(log));
  return app;
}
