import { defaultTemplate, insidePlace, type PlaceId, PlaceRequest } from "@remote-claude/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { resolveSpec } from "../../templates.ts";
import { newPlaceId, newSecret } from "../../testing/local-harness.ts";
import { containerOptions, type Mount } from "./container-options.ts";

const placeId: PlaceId = newPlaceId();
const templates = new Map([[defaultTemplate.name, defaultTemplate]]);
const disk: Mount[] = [
  { Type: "volume", Source: "d", Target: insidePlace.workspace, ReadOnly: false },
  { Type: "volume", Source: "d", Target: insidePlace.home, ReadOnly: false },
];
const make = (request: PlaceRequest) =>
  containerOptions({
    placeId,
    spec: resolveSpec(templates, placeId, request),
    installation: "installation",
    hostRunDirectory: `/host/run/${placeId}`,
    groupId: 1_500_000,
    disk,
    logLevel: "info",
  });

const plain: PlaceRequest = { template: "default", apiPublicKey: "key", placeSecret: newSecret() };
const limitNames = ["Memory", "MemorySwap", "NanoCpus", "PidsLimit", "ShmSize", "Tmpfs"];

/** All but the numbers that may be asked for within the template's bounds. */
function withoutLimits({ HostConfig, ...rest }: ReturnType<typeof containerOptions>) {
  const walls = Object.entries(HostConfig).filter(([name]) => !limitNames.includes(name));
  return { ...rest, HostConfig: Object.fromEntries(walls) };
}

it("a container has no network, no capability, a read-only root, and its own four mounts alone", () => {
  const { HostConfig, Image, User } = make(plain);
  expect({ Image, User }).toEqual({ Image: defaultTemplate.image, User: "1000:1000" });
  expect(HostConfig).toMatchObject({
    NetworkMode: "none",
    CapDrop: ["ALL"],
    Privileged: false,
    ReadonlyRootfs: true,
    SecurityOpt: ["no-new-privileges:true"],
  });
  for (const name of ["CapAdd", "Devices", "DeviceCgroupRules", "Binds", "VolumesFrom"])
    expect(HostConfig).not.toHaveProperty(name);
  expect(HostConfig.Mounts.map(({ Source, ReadOnly }) => [Source, ReadOnly])).toEqual([
    ["d", false],
    ["d", false],
    [`/host/run/${placeId}/in`, true],
    [`/host/run/${placeId}/out`, false],
  ]);
});

it("nothing that is asked for changes anything but limits within their bounds", () => {
  const expected = withoutLimits(make(plain));
  const names = ["image", "HostConfig", "Privileged", "Mounts", "CapAdd", "Devices", "limits", "runtime"];
  const extra = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue());
  const limits = fc.record(
    { memoryMb: fc.integer(), cpus: fc.double(), diskMb: fc.integer(), pids: fc.integer({ max: 9000 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(extra, fc.option(limits), fc.string(), (more, asked, template) => {
      for (const name of ["default", template]) {
        const body = { ...plain, ...more, template: name, ...(asked === null ? {} : { limits: asked }) };
        const parsed = PlaceRequest.safeParse(body);
        if (!parsed.success) continue;
        let made: ReturnType<typeof containerOptions>;
        try {
          made = make(parsed.data);
        } catch {
          continue;
        }
        expect(withoutLimits(made)).toEqual(expected);
        expect(made.HostConfig.Memory).toBeLessThanOrEqual(defaultTemplate.limits.memoryMb.max * 1024 * 1024);
        expect(made.HostConfig.PidsLimit).toBeLessThanOrEqual(defaultTemplate.limits.pids.max);
        expect(made.HostConfig.NanoCpus).toBeLessThanOrEqual(defaultTemplate.limits.cpus.max * 1e9);
      }
    }),
    { numRuns: 500 },
  );
});
