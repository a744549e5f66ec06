import { describe, expect, it } from "vitest";
import { Intake } from "./intake.ts";

const limits = { perSecond: { frames: 100, bytes: 1000 }, burstSeconds: 2 };

describe("the intake from an agent", () => {
  it("lets a burst in, then asks for as long a pause as the frames beyond it are worth", () => {
    const intake = new Intake(limits, () => 0);
    for (let count = 0; count < 199; count++) expect(intake.take(0)).toBe(0);
    intake.take(0);
    expect(intake.take(0)).toBeCloseTo(10);
    expect(intake.take(0)).toBeCloseTo(20);
  });

  it("counts bytes as well as frames", () => {
    const intake = new Intake(limits, () => 0);
    expect(intake.take(1900)).toBe(0);
    expect(intake.take(600)).toBeCloseTo(500);
  });

  it("asks for no pause at the pace that is allowed, however long that goes on", () => {
    let now = 0;
    const intake = new Intake(limits, () => now);
    for (let count = 0; count < 1000; count++) {
      now += 11;
      expect(intake.take(10)).toBe(0);
    }
  });

  it("saves up no more than one burst while it is quiet", () => {
    let now = 0;
    const intake = new Intake(limits, () => now);
    now = 1_000_000;
    expect(intake.take(2500)).toBeCloseTo(500);
  });
});
