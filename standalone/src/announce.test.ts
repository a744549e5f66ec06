import type { PublicConfig } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { welcomeLines } from "./announce.ts";
import type { DockerOffer } from "./docker-offer.ts";

function dockerLine(docker: DockerOffer, isolation: PublicConfig["isolation"]): string | undefined {
  const config = { isolation, modelKeyConfigured: true, gitUnavailable: null } as PublicConfig;
  const context = { dataDir: "/data", logsDir: "/data/logs", seconds: "1.0", docker };
  return welcomeLines({ signInUrl: "http://localhost:3000/sign-in/link#x", config }, context).find((line) =>
    line.startsWith("  Docker "),
  );
}

describe("the lines that end a start", () => {
  it("say how to use an engine that is there with the session's image", () => {
    expect(dockerLine("ready", "bubblewrap")).toMatch(/ready: SESSION_RUNTIME=docker npm start/);
  });

  it("recommend it where nothing isolates sessions, and say how to build the image that is missing", () => {
    expect(dockerLine("ready", "none")).toMatch(/RECOMMENDED.*SESSION_RUNTIME=docker npm start/);
    expect(dockerLine("image-missing", "none")).toMatch(/RECOMMENDED.*npm run build:session-image/);
  });

  it("say nothing of an engine that is not there, or cannot help yet where sessions are walled off", () => {
    expect(dockerLine("none", "bubblewrap")).toBeUndefined();
    expect(dockerLine("none", "none")).toBeUndefined();
    expect(dockerLine("image-missing", "bubblewrap")).toBeUndefined();
    expect(dockerLine("none", "container")).toBeUndefined();
  });
});
