import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  BatchStatusSchema,
  CombinationState,
  type CombinationStatus,
  CombinationStatusSchema,
  FailureCode,
  FailureSchema,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import type { FinishedBatch } from "../client/finished-batch.js";
import type { Terminal } from "../terminal/terminal.js";
import { groupFailures } from "./failure-groups.js";
import { reportBatch } from "./report-batch.js";
import { summarize } from "./summary.js";

const status = create(BatchStatusSchema, {
  batchId: "b2",
  state: BatchState.FINISHED,
  combinations: { total: 4n, planned: 2n, rendered: 2n, delivered: 2n, failed: 2n },
  clips: { distinct: 3n, made: 1n, reused: 1n, failed: 1n },
  voices: { distinct: 1n, made: 1n },
  clipSeconds: 6,
  combinationSeconds: 162,
  submittedAt: timestampFromMs(1000),
  finishedAt: timestampFromMs(13_500),
});
const failure = {
  block: "hook",
  choice: "gone",
  reason: "The file does not exist.",
  remedy: "Check the path.",
  code: FailureCode.SOURCE_INVALID,
};
const combination = (id: string, hook: string, rest: object): CombinationStatus =>
  create(CombinationStatusSchema, { id, choices: [{ block: "hook", choice: hook }], ...rest });
const certificate = { frames: 90n, sizeBytes: 12_345n, videoSeconds: 3, loudnessLufs: Number.NEGATIVE_INFINITY };
const delivered = ["one", "two"].map((id) =>
  combination(id, id, { state: CombinationState.DELIVERED, path: `${id}.mp4`, certificate }),
);
const failed = ["c", "d"].map((id) => combination(id, "gone", { state: CombinationState.FAILED, failure }));

const finished = (over: Partial<FinishedBatch["status"]> = {}): FinishedBatch => ({
  status: { ...status, ...over },
  async *combinations(state) {
    yield* state === CombinationState.FAILED ? failed : delivered;
  },
});

function collector(): { terminal: Terminal; text: () => string } {
  let text = "";
  const terminal: Terminal = {
    print: async (more) => {
      text += more;
    },
    discarded: false,
    note: () => {},
    pin: () => {},
    unpin: () => {},
    paint: (_style, painted) => painted,
    paintResult: (_style, painted) => painted,
    live: false,
    columns: 80,
  };
  return { terminal, text: () => text };
}

describe("report of a batch", () => {
  it("prints one JSON object on one line", async () => {
    const { terminal, text } = collector();
    expect(await reportBatch(finished(), { json: true, folder: "/videos" }, terminal)).toBe(1);
    expect(text().indexOf("\n")).toBe(text().length - 1);
    const [first] = JSON.parse(text()).outputs;
    expect(first.certificate).toEqual({
      sizeBytes: 12_345,
      headerSha256: "",
      frames: 90,
      frameStep: 0,
      timescale: 0,
      videoSeconds: 3,
      audioSeconds: 0,
      loudnessLufs: "-Infinity",
    });
    expect(JSON.parse(text())).toMatchObject({
      batchId: "b2",
      combinations: { planned: 2, delivered: 2, failed: 2 },
      parts: {
        clips: { distinct: 3, made: 1, reused: 1 },
        voices: { distinct: 1, made: 1, reused: 0 },
        soundtracks: { distinct: 0, made: 0, reused: 0 },
      },
      seconds: 12.5,
      outputs: [
        { id: "one", choices: { hook: "one" }, file: "/videos/one.mp4", durationSeconds: 3 },
        { id: "two", choices: { hook: "two" }, file: "/videos/two.mp4", durationSeconds: 3 },
      ],
      failures: [
        {
          id: "c",
          code: "source_invalid",
          worthRetrying: false,
          block: "hook",
          choice: "gone",
          reason: "The file does not exist.",
        },
        { id: "d", block: "hook", choice: "gone", reason: "The file does not exist." },
      ],
    });
  });

  it("omits the outputs of a large batch", async () => {
    const { terminal, text } = collector();
    const combinations = create(BatchStatusSchema, {
      combinations: { total: 10_001n, delivered: 10_001n },
    }).combinations;
    if (!combinations) throw new Error("no counts");
    expect(await reportBatch(finished({ combinations }), { json: true }, terminal)).toBe(0);
    expect(JSON.parse(text())).not.toHaveProperty("outputs");
  });

  it("counts each failure reason of a combination's outputs once", async () => {
    const unavailable = { reason: "The disk is not mounted.", code: FailureCode.UNAVAILABLE };
    const outputs = [failure, unavailable, unavailable].map((one, delivery) => ({
      ...{ delivery, state: CombinationState.FAILED, failure: one },
    }));
    const batch: FinishedBatch = {
      status,
      async *combinations() {
        yield combination("c", "gone", { state: CombinationState.FAILED, failure, outputs });
        yield combination("d", "gone", {
          state: CombinationState.FAILED,
          failure: unavailable,
          outputs: outputs.slice(1),
        });
      },
    };
    const groups = await groupFailures(batch);
    expect(groups.map((group) => [group.failure.reason, group.combinations])).toEqual([
      [unavailable.reason, 2],
      [failure.reason, 1],
    ]);
    expect(summarize({ status, failures: groups, folder: "" }).at(-1)).toBe(
      "  worth retrying: polyreel retry b2 --worth-retrying",
    );
  });

  it("describes the result as text, with failures grouped by reason", async () => {
    const failures = await groupFailures(finished());
    const locate = () => ({ file: "b.yaml", line: 4, column: 11 });
    expect(summarize({ status, failures, folder: "/videos", locate })).toEqual([
      "2 videos of 4 delivered in /videos, in 13 s",
      "  clips       3 distinct: 1 encoded, 1 there already, 1 failed",
      "  voices      1 distinct: 1 spoken",
      "  encoding    6.0 s of picture instead of 2:42 min: 27 times less than one by one",
      "",
      "2 combinations failed:",
      "  2 × The file does not exist.",
      '      where: b.yaml:4:11  (block "hook", choice "gone")',
      "      remedy: Check the path.",
    ]);
  });

  it("calls inputs inputs", async () => {
    const failure = create(FailureSchema, {
      ...{ block: "input", choice: "talk", reason: "The file has no sound.", code: FailureCode.SOURCE_INVALID },
    });
    const { combinations } = create(BatchStatusSchema, { combinations: { total: 3n, delivered: 2n, failed: 1n } });
    if (!combinations) throw new Error("no counts");
    const counts = create(BatchStatusSchema, { combinations });
    expect(
      summarize({ status: counts, unit: "input", failures: [{ failure, combinations: 1 }], folder: "/t" }),
    ).toEqual([
      "2 inputs of 3 delivered in /t, in 0.0 s",
      "",
      "1 input failed:",
      "  1 × The file has no sound.",
      '      where: (input "talk")',
    ]);
  });

  it("suggests a retry only where one may help", async () => {
    const group = (code: FailureCode) => ({ failure: create(FailureSchema, { reason: "No.", code }), combinations: 1 });
    const last = (...codes: FailureCode[]) => summarize({ status, failures: codes.map(group), folder: "" }).at(-1);
    expect(last(FailureCode.UNAVAILABLE)).toBe("  worth retrying: polyreel retry b2");
    expect(last(FailureCode.UNSPECIFIED)).toBe("  worth retrying: polyreel retry b2"); // From an earlier release, without codes.
    expect(last(FailureCode.UNAVAILABLE, FailureCode.INVALID_ARGUMENT)).toBe(
      "  worth retrying: polyreel retry b2 --worth-retrying",
    );
    expect(last(FailureCode.INVALID_ARGUMENT)).toBe("  1 × No.");
  });

  it("shows virtual outputs by URL", async () => {
    const urlPath = "/outputs/b2/one/one.mp4";
    const batch: FinishedBatch = {
      ...finished(),
      async *combinations(state) {
        if (state === CombinationState.DELIVERED) yield { ...delivered[0], path: "", urlPath } as CombinationStatus;
      },
    };
    const print = async (options: Parameters<typeof reportBatch>[1]) => {
      const { terminal, text } = collector();
      await reportBatch(batch, options, terminal);
      return text();
    };
    const server = "http://host:1";
    expect(await print({ server })).toMatch(/^2 videos of 4 delivered, virtual, in 13 s\n/);
    expect(await print({ server })).toContain(`\n  first       ${server}${urlPath}\n  all         polyreel list b2\n`);
    expect(await print({ folder: "/videos" })).toContain("\n  virtual     nothing is written");
    const [output] = JSON.parse(await print({ json: true, server })).outputs;
    expect(output).toMatchObject({ id: "one", url: server + urlPath });
    expect(output).not.toHaveProperty("file");
  });

  it("says where a server delivered", async () => {
    const print = async (first: Partial<CombinationStatus>) => {
      const { terminal, text } = collector();
      const batch: FinishedBatch = {
        ...finished(),
        async *combinations(state) {
          if (state === CombinationState.DELIVERED) yield { ...delivered[0], ...first } as CombinationStatus;
        },
      };
      await reportBatch(batch, { server: "http://host:1" }, terminal);
      return text();
    };
    const fetch = "\n  fetch       polyreel fetch b2 --out videos\n";
    expect(await print({ path: "spring/a.mp4" })).toContain(
      `\n  first       spring/a.mp4, below the server's folder${fetch}`,
    );
    expect(await print({ path: "ads:/a.mp4", location: "s3://ads/a.mp4" })).toContain(
      `\n  first       s3://ads/a.mp4${fetch}`,
    );
  });

  it("returns 1 for a cancelled batch, complete or not", async () => {
    const { terminal } = collector();
    const counts = create(BatchStatusSchema, { combinations: { total: 2n, delivered: 2n } }).combinations;
    if (!counts) throw new Error("no counts");
    const over = { state: BatchState.CANCELLED, combinations: counts };
    expect(await reportBatch(finished(over), { json: false }, terminal)).toBe(1);
  });
});
