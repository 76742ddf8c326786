import { create } from "@bufbuild/protobuf";
import { EstimateBatchResponseSchema, OperationScope } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { estimateLines } from "./estimate-text.js";
import { plainEstimate } from "./plain-estimate.js";

const estimate = (overrides: Record<string, unknown> = {}) =>
  create(EstimateBatchResponseSchema, {
    combinations: 1000n,
    clips: { distinct: 30n, there: 10n, measured: 132n },
    soundtracks: { distinct: 1000n, there: 800n, measured: 14n, about: true },
    combinationSeconds: 15_000,
    clipSeconds: 100,
    outputBytes: 14_000_000_000n,
    writtenBytes: 14_000_000_000n,
    storeBytes: 30_000_000n,
    encodeCoreSeconds: 60,
    predictedSeconds: 40,
    firstVideoSeconds: 6,
    cores: 2,
    saving: 90,
    measuredCombinations: 4000n,
    ...overrides,
  });
const lines = (...overrides: Parameters<typeof estimate>) =>
  estimateLines(estimate(...overrides), () => ({}), "this machine");

describe("estimateLines", () => {
  it("shows output size, store growth, time to the first video, and the basis of the figures", () =>
    expect(lines()).toEqual([
      "1,000 videos",
      "  length       4:10 h together",
      "  size         about 14 GB",
      "  store        about 30 MB more",
      "  clips        30 distinct: 20 to make, 10 there already",
      "  soundtracks  1,000 distinct: about 200 to make, about 800 there already",
      "  encoding     1:40 min of picture",
      "  sharing      90 times less work than one by one, sound included",
      "  time         about 40 s on 2 cores, the first video after about 6.0 s",
      "  from         132 clips, 14 soundtracks and 4,000 videos measured on this machine",
    ]));

  it("shows only the time for inputs, which encode nothing", () => {
    const inputs = { combinations: 3n, clips: { distinct: 0n }, soundtracks: { distinct: 0n } };
    expect(estimateLines(estimate(inputs), () => ({}), "this machine", "input")).toEqual([
      "3 inputs",
      "  time         about 40 s on 2 cores, the first input after about 6.0 s",
      "  from         4,000 inputs measured on this machine",
    ]);
  });

  it("shows that virtual outputs write nothing, and that nothing is left to make", () => {
    const text = lines({ writtenBytes: 0n, storeBytes: 0n });
    expect(text).toContain("  size         about 14 GB, virtual: none of it is written");
    expect(text).toContain("  store        nothing more");
  });

  it("names the steps that were never measured", () => {
    const some = { clips: { distinct: 30n }, measuredCombinations: 0n };
    expect(lines(some).slice(-2)).toEqual([
      "  from         14 soundtracks measured on this machine",
      "               not measured on this machine yet: clips and videos; figures of another one stand in",
    ]);
    expect(plainEstimate(estimate(some))).toMatchObject({ notMeasured: ["clips", "videos"] });
    expect(estimateLines(estimate(some), () => ({}), "the server").at(-1)).toContain("not measured on the server yet");
  });

  it("shows how often the work of outputs is done", () => {
    const scopes = [
      { output: "webm", operation: "transcode", scope: OperationScope.CLIP, distinct: 9n, videos: 27n },
      { output: "webm", operation: "transcode", scope: OperationScope.TIMELINE, distinct: 1n, videos: 27n },
      { output: "small", operation: "compress", scope: OperationScope.COMBINATION, distinct: 27n, videos: 27n },
    ];
    expect(lines({ scopes, renditions: { distinct: 37n } })).toEqual(
      expect.arrayContaining([
        "  renditions   37 distinct: 37 to make",
        "               webm: made once per clip: 9 encodes for 27 videos",
        "               webm: sound made once per timeline: 1 encode for 27 videos",
        "               small: made per combination: 27 encodes for 27 videos",
      ]),
    );
    expect(lines({ scopes, drawn: 250n })).toContain("               webm: made once per clip");
    expect(plainEstimate(estimate({ scopes }))).toMatchObject({
      scopes: [
        { output: "webm", operation: "transcode", scope: "clip", distinct: 9, videos: 27 },
        { scope: "timeline" },
        { scope: "combination" },
      ],
    });
  });

  it("marks sampled figures as such", () => {
    const sampled = lines({ drawn: 250n, clips: { distinct: 30n, there: 10n, measured: 132n, about: true } });
    expect(sampled).toContain("  length       about 4:10 h together");
    expect(sampled).toContain("  clips        about 30 distinct: about 20 to make, about 10 there already");
    expect(sampled).toContain("  encoding     about 1:40 min of picture");
    expect(sampled.at(-1)).toBe("               250 of the combinations, drawn at random, and scaled up to all");
    expect(plainEstimate(estimate({ drawn: 250n }))).toMatchObject({ drawn: 250 });
  });

  it("lists what would fail, where it is written, and marks extrapolated numbers", () => {
    const failure = { block: "hook", choice: "gone", reason: "It is gone.", remedy: "Bring it back." };
    const failing = { failing: 9n, failures: [{ failure, combinations: 7n }] };
    const locate = () => ({ file: "batch.yaml", line: 4, column: 9 });
    expect(estimateLines(estimate(failing), locate, "this machine").slice(-6)).toEqual([
      "",
      "9 combinations would fail:",
      "  7 × It is gone.",
      '      where: batch.yaml:4:9  (block "hook", choice "gone")',
      "      remedy: Bring it back.",
      "  2 × other reasons",
    ]);
    const sampled = { drawn: 250n, failing: 7n, failures: [{ failure, combinations: 7n, about: true }] };
    expect(lines(sampled).slice(-5, -2)).toEqual(["", "about 7 combinations would fail:", "  about 7 × It is gone."]);
    expect(plainEstimate(estimate(sampled))).toMatchObject({
      failing: 7,
      failures: [{ combinations: 7, about: true, block: "hook", choice: "gone", reason: "It is gone." }],
    });
  });
});
