import { NEEDS_SEAWEED } from "@polyreel/platform/testing";
import { expect, it } from "vitest";
import { runS3Deliveries } from "./run-s3-deliveries.js";

it("writes each object once and loses none when the uploader is killed", NEEDS_SEAWEED, async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const { signal } = new AbortController();
  const { report, problems } = await runS3Deliveries({ kills: 8, seed: 1, signal, print });
  expect(problems, lines.join("\n")).toEqual([]);
  expect(report).toMatchObject({ kills: 8, outputs: expect.any(Number) });
  expect(report.unanswered).toBeGreaterThan(1);
});
