import { afterAll, beforeAll } from "vitest";
import { itExhaustsItselfAlone } from "./escape/exhaustion.ts";
import { itKeepsTheFileApiInside } from "./escape/files.ts";
import { itHoldsRightsBack } from "./escape/kernel.ts";
import { itTellsWhatBecomesOfIt, makeUnused } from "./escape/lifecycle.ts";
import { itHasNoNetwork, itTellsNothingByNames } from "./escape/network.ts";
import { itLetsOutClaudeAlone, itLetsOutWhatIsPublic } from "./escape/policies.ts";
import { Scene, standInUnavailable } from "./escape/scene.ts";
import { itBelievesNobodyOnSockets, itFloodsItselfAlone } from "./escape/sockets.ts";
import { describeUnless } from "./testing/machine.ts";
import { engineUnavailable } from "./testing/stack.ts";
import { itLetsToolsOut } from "./testing/ways-out.ts";

/**
 * Attempts to get out of a session's container, as its user, each a test; and to starve whoever is beside it. docs/security.md
 * says what holds; a new attempt belongs into one of the files of escape/.
 */
const unavailable = await engineUnavailable();
const scene = new Scene();

beforeAll(async () => {
  if (unavailable === null) await scene.open();
});
afterAll(async () => {
  if (unavailable === null) await scene.close();
});

const unused = makeUnused(unavailable === null ? scene : null);

describeUnless(unavailable, "out of a container, by egress alone,", () => {
  itLetsToolsOut(scene.outside, () => ({
    client: scene.neighbourClient,
    product: scene.product,
    sessionId: scene.neighbour,
  }));
});
describeUnless(unavailable, "out of a container, nobody", () => {
  itHoldsRightsBack(scene);
  itHasNoNetwork(scene);
  itKeepsTheFileApiInside(scene);
});
describeUnless(unavailable ?? standInUnavailable, "out of a container, by names, nobody", () => {
  itTellsNothingByNames(scene);
});
describeUnless(unavailable, "out of a container, on its sockets, nobody", () => {
  itBelievesNobodyOnSockets(scene);
});
describeUnless(unavailable, "out of a container of the policy none", () => {
  itLetsOutClaudeAlone(scene);
});
describeUnless(unavailable ?? standInUnavailable, "out of a container of the policy open", () => {
  itLetsOutWhatIsPublic(scene);
});
describeUnless(unavailable, "whoever floods a session's sockets, floods that session alone", () => {
  itFloodsItselfAlone(scene);
});
describeUnless(unavailable, "a session in a container", () => {
  itTellsWhatBecomesOfIt(scene, unused);
});
describeUnless(unavailable, "whoever exhausts a session, exhausts that session alone", () => {
  itExhaustsItselfAlone(scene, () => unused().page);
});
