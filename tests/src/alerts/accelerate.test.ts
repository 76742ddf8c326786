import { expect, it } from "vitest";
import { accelerate } from "./accelerate.js";

it("shortens windows, durations and ages alone", () => {
  const slow =
    'expr: rate(x[10m]) > 0.2 and max by (stage) (polyreel_stage_oldest_seconds) > 3600\nfor: 5m\ntext: "in 5m"\n';
  const fast =
    'expr: rate(x[3000ms]) > 0.2 and max by (stage) (polyreel_stage_oldest_seconds) > 18\nfor: 1500ms\ntext: "in 5m"\n';
  expect(accelerate(slow, 200)).toBe(fast);
});
