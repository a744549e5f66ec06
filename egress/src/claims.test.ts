import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTemplates } from "@remote-claude/service/templates";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { answerText } from "./answers.ts";
import { createPlaces, type Places } from "./places.ts";
import type { Services } from "./server.ts";
import type { EgressStore, PlaceRow } from "./store.ts";
import { ask, randomPlaceId } from "./testing/harness.ts";

const placeId = randomPlaceId();
const unclaimed: PlaceRow = { placeId, template: "default", occupant: null };
const owner = { userId: "u", userActive: true, allowedModels: [], monthlyBudgetUsd: null };
const claimed: PlaceRow = { ...unclaimed, occupant: { sessionId: "s", ...owner } };

/** Reads of the place that were not answered yet, in the order in which they began. */
let asked: ((row: PlaceRow | null) => void)[];
let runDir: string;
let places: Places;
/** How many of git's requests were let in. */
let letIn: number;
/** Ends what git asks for, with the mode of the policy under which it was let in. */
let refuseLate: () => void;

beforeEach(async () => {
  asked = [];
  letIn = 0;
  runDir = await mkdtemp(join(tmpdir(), "rc-eg-"));
  const store = {
    listPlaces: async () => [unclaimed],
    findPlace: () => new Promise((resolve) => asked.push(resolve)),
  } satisfies Partial<EgressStore> as unknown as EgressStore;
  const late = new Promise<void>((resolve) => {
    refuseLate = resolve;
  });
  const git: Services["git"] = {
    async handle({ policy }, request, response) {
      letIn += 1;
      request.resume();
      await late;
      answerText(response, 403, policy.mode);
    },
  };
  const log = pino({ enabled: false });
  places = createPlaces({
    runDir,
    store,
    templates: readTemplates(undefined),
    hosts: { rules: [], withDefaults: true },
    upstreamProxy: null,
    services: { git, log } as unknown as Services,
    log,
  });
  await places.reconcile();
});
afterEach(async () => {
  refuseLate();
  for (const answer of asked) answer(null);
  await places.close();
  await rm(runDir, { recursive: true, force: true });
});

const nth = async (index: number) => {
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(index));
  return asked[index] as (row: PlaceRow | null) => void;
};
const clone = () =>
  ask(join(runDir, placeId, "in", "egress.sock"), { path: "/git/host/a.git/info/refs?service=x" });

it("what a session has under way is not cut by news from before it claimed its place", async () => {
  // News of the pool's place; the database is slow to say what it saw then.
  const news = places.refresh(placeId);
  const old = await nth(0);
  const cloning = clone();
  (await nth(1))(claimed);
  old(unclaimed);
  await news;
  refuseLate();
  expect(await cloning).toMatchObject({ status: 403, text: "proxy\n" });
});

it("nor by what was read for a request that came before the claim", async () => {
  const early = clone();
  const old = await nth(0);
  const news = places.refresh(placeId);
  (await nth(1))(claimed);
  await news;
  const cloning = clone();
  await vi.waitFor(() => expect(letIn).toBe(1));
  old(unclaimed);
  await vi.waitFor(() => expect(letIn).toBe(2));
  refuseLate();
  expect(await cloning).toMatchObject({ status: 403, text: "proxy\n" });
  expect((await early).status).toBe(403);
});

it("what came with the claim is cut when the right is lost, however late that is read", async () => {
  const cloning = clone();
  (await nth(0))(claimed);
  const lost = places.refresh(placeId);
  const cut = cloning.then(
    () => "answered",
    () => "cut",
  );
  (await nth(1))({ ...claimed, occupant: { sessionId: "s", ...owner, userActive: false } });
  await lost;
  expect(await cut).toBe("cut");
});
