import { expect, it } from "vitest";
import { productionModules } from "./production-modules.mjs";

const packages = {
  api: { dependencies: { "@remote-claude/shared": "*", a: "1" }, devDependencies: { tool: "1" } },
  shared: { dependencies: { b: "1" }, devDependencies: { tool: "1" } },
  "node_modules/@remote-claude/shared": { link: true, resolved: "shared" },
  "node_modules/a": {
    dependencies: { b: "2" },
    peerDependencies: { peer: "1", "not-needed": "1" },
    peerDependenciesMeta: { "not-needed": { optional: true } },
  },
  "node_modules/a/node_modules/b": {},
  "node_modules/b": { optionalDependencies: { native: "1", "not-locked": "1" } },
  "node_modules/native": { dependencies: { a: "1" } },
  "node_modules/peer": {},
  "node_modules/not-needed": {},
  "node_modules/tool": {},
};

it("A service needs what it depends on and what that depends on, found as Node finds it, and no tools", () => {
  expect(productionModules(packages, "api")).toEqual([
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/b",
    "node_modules/native",
    "node_modules/peer",
  ]);
  expect(productionModules(packages, "api", ["peer"])).toEqual(["node_modules/peer"]);
});
