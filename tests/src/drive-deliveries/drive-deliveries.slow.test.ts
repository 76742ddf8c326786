import { expect, it } from "vitest";
import { runDriveDeliveries } from "./run-drive-deliveries.js";

it("delivers each file once to Google Drive, however often the uploader is killed", async () => {
  const { signal } = new AbortController();
  const { report, problems } = await runDriveDeliveries({ kills: 8, files: 20, seed: 5 }, { signal, print: () => {} });
  expect(problems).toEqual([]);
  expect(report.kills).toBe(8);
});
