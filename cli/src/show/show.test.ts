import { FailureCode, Stage } from "@polyreel/contract";
import { type RunningGateway, runGateway, sampleBatch } from "@polyreel/gateway/testing";
import { lastFact } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectTo } from "../client/connection.js";
import { Workshop } from "../testing/workshop.js";

// Runs the real commands against a gateway, with facts published as services would.

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

const CODES = [
  FailureCode.SOURCE_INVALID,
  FailureCode.SOURCE_UNAVAILABLE,
  FailureCode.UNSPECIFIED,
  FailureCode.UNAVAILABLE,
];

let workshop: Workshop;
let gateway: RunningGateway;
let batchId: string;

const choices = [{ block: "hook", choice: "flower" }];
const clips = [
  { hash: "k1", block: "hook", choice: "flower" },
  { hash: "k2", block: "body", choice: "demo" },
];

/** Combinations 0 to 3 have failed with different codes; 4 is delivered, 5 in progress. */
beforeAll(async () => {
  workshop = await Workshop.open();
  gateway = await runGateway();
  const connection = connectTo(gateway.url);
  const { publisher } = gateway.platform;
  batchId = (await connection.batches.submitBatch({ batch: sampleBatch() })).batch?.batchId ?? "";
  const about = (ordinal: number) => ({ batchId, attempt: 1, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal) });
  for (const ordinal of [0, 1, 2, 3, 4, 5]) {
    const combination = { id: `c${ordinal}`, ordinal: BigInt(ordinal), choices, clips, fileName: `${ordinal}.mp4` };
    await publisher.publish("combination.planned", { batchId, attempt: 1, combination }, { id: combination.id });
  }
  for (const [ordinal, code] of CODES.entries()) {
    const failure = { block: "hook", choice: "flower", reason: `Reason ${ordinal}.`, remedy: "Mend it.", code };
    await publisher.publish("combination.failed", { ...about(ordinal), choices, failure }, { id: `c${ordinal}` });
  }
  const certificate = { sizeBytes: 7_400_000n, frames: 390n, videoSeconds: 13, loudnessLufs: -14.04 };
  const delivered = { ...about(4), choices, certificate, path: "sale/4.mp4", urlPath: `/outputs/${batchId}/c4/4.mp4` };
  await publisher.publish("combination.delivered", delivered, { id: "c4" });
  const isKnown = async () => (await connection.batches.getBatch({ batchId })).batch?.combinations;
  const counts = { planned: 6n, failed: 4n, delivered: 1n };
  await vi.waitFor(async () => expect(await isKnown()).toMatchObject(counts), PATIENT);
  connection.close();
});
afterAll(async () => {
  await gateway?.close();
  await workshop?.close();
});

const run = (...args: string[]) => workshop.run(args, { POLYREEL_SERVER: gateway.url });

describe("show", () => {
  const json = async (id: string) => JSON.parse((await run("show", batchId, id, "--json")).stdout);

  it("shows the current step and its progress", async () => {
    const progress = { batchId, stage: Stage.CLIP, id: "k2", fraction: 0.45 };
    const reporting = setInterval(() => gateway.platform.publisher.progress(progress), 250);
    try {
      const step = { stage: "clip", id: "k2", block: "body", choice: "demo", index: 2, count: 2, fraction: 0.45 };
      await expect
        .poll(() => json("c5"), PATIENT)
        .toMatchObject({
          ...{ id: "c5", state: "planned", choices: { hook: "flower" }, warnings: [] },
          outputs: [{ name: "video", state: "planned", percent: 11, step }],
        });
      expect(await run("show", batchId, "c5")).toEqual({
        exitCode: 0,
        stdout:
          `c5 of batch ${batchId}\n  choice       hook=flower\n  video        planned, 11 %\n` +
          "  step         clip 2 of 2, body/demo, 45 %\n",
        stderr: "",
      });
    } finally {
      clearInterval(reporting);
    }
  });

  it("shows whose fault a failure is, and whether a retry may help", async () => {
    const { stdout } = await run("show", batchId, "c1");
    expect(stdout).toContain("\n  failure      source_unavailable: Reason 1.\n");
    expect(stdout).toContain(`\n  retry        worth it: polyreel retry ${batchId} c1\n`);
    expect((await run("show", batchId, "c0")).stdout).toContain("\n  retry        not worth it: ");
    expect((await json("c0")).outputs).toMatchObject([
      { state: "failed", percent: 0, failure: { code: "source_invalid", worthRetrying: false, remedy: "Mend it." } },
    ]);
  });

  it("shows file, link and measurements of delivered outputs", async () => {
    const { stdout } = await run("show", batchId, "c4");
    const link = `${gateway.url}/outputs/${batchId}/c4/4.mp4`;
    expect(stdout).toContain(`  video        delivered, 100 %\n  file         sale/4.mp4\n  link         ${link}?key=`);
    expect(stdout).toContain("  certificate  13 s, 390 frames, 7.4 MB, -14.0 LUFS\n");
    expect(await json("c4")).toMatchObject({
      ...{ path: "sale/4.mp4", url: link, certificate: { frames: 390 } },
      outputs: [{ percent: 100, path: "sale/4.mp4", url: link, link: expect.stringContaining("&signature=") }],
    });
  });

  it.each([
    ["a combination", () => [batchId, "c9"], 'error: The batch has no combination "c9".'],
    ["a batch", () => ["bnone", "c1"], 'error: There is no batch "bnone".'],
  ])("reports that %s is unknown", async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await run("show", ...args());
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("list by failure code", () => {
  it.each([
    [["--code", "source_invalid"], ["c0"]],
    [
      ["--code", "SOURCE_INVALID", "--code", "unavailable"],
      ["c0", "c3"],
    ],
    [["--code", "unspecified"], ["c2"]],
    [["--worth-retrying"], ["c1", "c2", "c3"]],
    [["--worth-retrying", "--code", "source_invalid", "--code", "unavailable"], ["c3"]],
    [["--code", "internal"], []],
  ])("%j", async (flags, ids) => {
    const { exitCode, stdout, stderr } = await run("list", batchId, ...flags);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").flatMap((line) => line.split(" ")[0] || [])).toEqual(ids);
    expect(stderr).toBe(ids.length > 0 ? "" : "No combinations match.\n");
  });

  it("prints the codes in CSV and JSON", async () => {
    const csv = (await run("list", batchId, "--state", "failed", "--csv")).stdout.trimEnd().split("\r\n");
    expect(csv.map((line) => line.split(",").at(-1))).toEqual([
      ...["code", "source_invalid", "source_unavailable", "unspecified", "unavailable"],
    ]);
    const json = (await run("list", batchId, "--code", "source_invalid", "--json")).stdout;
    expect(JSON.parse(json)).toMatchObject({ id: "c0", failure: { code: "source_invalid", worthRetrying: false } });
  });

  it.each([
    [
      ["list", "--worth-retrying"],
      "error: --csv, --links, --lifetime, --choice, --output, --code and --worth-retrying are about a batch's combinations.",
    ],
    [["list", "b1", "--code", "source_invald"], "Did you mean source_invalid?"],
    [
      ["list", "--output", "video"],
      "error: --csv, --links, --lifetime, --choice, --output, --code and --worth-retrying",
    ],
    [["retry", "b1", "--code", "nonsense"], "Codes are unspecified, invalid_argument, "],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("retry by failure code", () => {
  it("retries only combinations with these codes", async () => {
    expect((await run("retry", batchId, "--code", "internal")).stdout).toBe("nothing to do\n");
    expect((await run("retry", batchId, "c0", "--worth-retrying")).stdout).toBe("nothing to do\n");
    const { exitCode, stdout } = await run("retry", batchId, "--worth-retrying", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ batchId, run: 2, combinations: 3 });
    const resumed = await lastFact(gateway.platform.stream, "batch.resumed", batchId);
    expect(resumed?.fact).toMatchObject({ run: 2, combinations: 3n });
    expect(JSON.parse((await run("retry", batchId, "--code", "source_invalid", "--json")).stdout)).toMatchObject({
      ...{ run: 3, combinations: 1 },
    });
  });
});

describe("outputs", () => {
  it("are selected by name", async () => {
    const flags = ["--output", "video", "--code", "source_invalid"];
    expect((await run("list", batchId, ...flags)).stdout).toMatch(/^c0 {2}failed +video {2}flower: Reason 0\.\n$/);
    const csv = (await run("list", batchId, ...flags, "--csv")).stdout;
    expect(csv).toMatch(
      /^id,state,hook,path,url,reason,code,output\r\nc0,failed,flower,,,Reason 0\.,source_invalid,video\r\n$/,
    );
    const json = JSON.parse((await run("list", batchId, ...flags, "--json")).stdout);
    expect(json).toMatchObject({ id: "c0", outputs: [{ name: "video", state: "failed" }] });
    for (const command of ["list", "retry", "deliver", "replay", "fetch"]) {
      const { exitCode, stderr } = await run(command, batchId, "--output", "vidio");
      expect(exitCode).toBe(2);
      expect(stderr).toContain('The batch has no output "vidio".');
      expect(stderr).toContain('Did you mean "video"?');
    }
  });
});

it("suggests no retry of a cancelled batch", async () => {
  expect((await run("cancel", batchId)).exitCode).toBe(0);
  const retry = async () => /retry .*/.exec((await run("show", batchId, "c2")).stdout)?.[0];
  await expect.poll(retry, PATIENT).toMatch(/^retry +not possible: the batch was cancelled/);
});
