import { SEAWEED } from "@polyreel/platform/testing";
import { expect, it } from "vitest";
import { runS3Deliveries } from "./run-s3-deliveries.js";

if (!SEAWEED) console.warn("SeaweedFS is not in .programs: the tests that need a server of S3 are skipped.");

it.skipIf(!SEAWEED)("writes each object once and loses none when the uploader is killed", async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const { signal } = new AbortController();
  const { report, problems } = await runS3Deliveries({ kills: 8, seed: 1, signal, print });
  expect(problems, lines.join("\n")).toEqual([]);
  expect(report).toMatchObject({ kills: 8, outputs: expect.any(Number) });
  expect(report.unanswered).toBeGreaterThan(1);
});
