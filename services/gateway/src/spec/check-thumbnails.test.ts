import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type OutputSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";

const check = createRequestCheck();
const source = { location: { case: "sha256" as const, value: "a".repeat(64) } };
const at = { seconds: 1n };

function found(...outputs: MessageInitShape<typeof OutputSchema>[]) {
  const request = create(SubmitBatchRequestSchema, { batch: { inputs: [{ source }], outputs } });
  return check(SubmitBatchRequestSchema, request).failures.map(({ field, reason }) => `${field}: ${reason}`);
}
const thumbnail = (value: object, name = "") => ({ name, operation: { case: "thumbnail" as const, value } });

it.each([
  [{ at, count: 2 }, /^outputs\[0\]\.thumbnail: .*more than one of at, times and count/],
  [{ at, times: [at] }, /more than one of at, times and count/],
  [{ best: true, at }, /best beside a time/],
  [{ best: true, times: [at] }, /best beside a time/],
  [{ count: 65 }, /^outputs\[0\]\.thumbnail\.count: .*64/],
  [{ count: 2, number: 3 }, /a number beyond its count or times/],
  [{ times: [{ seconds: -1n }] }, /^outputs\[0\]\.thumbnail\.times\[0\]: /],
  [{ times: Array.from({ length: 65 }, () => at) }, /^outputs\[0\]\.thumbnail\.times: /],
] as const)("refuses the thumbnail %o", (value, message) => {
  expect(found(thumbnail(value))).toEqual([expect.stringMatching(message)]);
});

it("counts each picture as an output, and names the specified one in mistakes", () => {
  expect(found(thumbnail({ count: 64 }))).toEqual([]);
  expect(found(thumbnail({ count: 40 }), thumbnail({ count: 40 }))).toEqual([
    "outputs: The outputs have 80 destinations in all; 64 are possible.",
  ]);
  expect(found(thumbnail({ count: 3 }), thumbnail({ count: 2 }, "a".repeat(31)))).toEqual([
    expect.stringMatching(/^outputs\[1\]\.name: .*longer than 32 characters/),
  ]);
  expect(found(thumbnail({ count: 2 }), { ...thumbnail({ count: 3 }, "x"), as: "{inptu}.jpg" })).toEqual([
    expect.stringMatching(/^outputs\[1\]\.as: .*"{inptu}"/),
  ]);
  expect(found(thumbnail({ count: 2 }), thumbnail({}, "poster-2"))).toEqual([
    expect.stringMatching(/^outputs\[1\]\.name: Two outputs are named "poster-2"/),
  ]);
});

const storyboard = (value: object, name = "") => ({ name, operation: { case: "storyboard" as const, value } });

it.each([
  [{ interval: at, count: 2 }, /^outputs\[0\]\.storyboard: .*both interval and count/],
  [{ interval: { nanos: 1_000_000 } }, /^outputs\[0\]\.storyboard\.interval: /],
  [{ count: 1001 }, /^outputs\[0\]\.storyboard\.count: .*1000/],
  [{ width: 1025 }, /^outputs\[0\]\.storyboard\.width: .*1024/],
  [{ columns: 101 }, /^outputs\[0\]\.storyboard\.columns: .*100/],
  [{ cuesOf: "board" }, /^outputs\[0\]\.storyboard\.cuesOf: There is no storyboard named "board"/],
] as const)("refuses the storyboard %o", (value, message) => {
  expect(found(storyboard(value))).toEqual([expect.stringMatching(message)]);
});

it("names the specified storyboard in mistakes of its cues", () => {
  expect(found(storyboard({}), storyboard({}, "storyboard-cues"))).toEqual([]);
  expect(found(storyboard({}, "a".repeat(30)))).toEqual([
    expect.stringMatching(/^outputs\[0\]\.name: .*longer than 32/),
  ]);
  expect(found(storyboard({}), storyboard({ cuesOf: "storyboard", width: 80 }, "cues"))).toEqual([
    expect.stringMatching(/^outputs\[1\]\.storyboard: .*settings beside cuesOf/),
  ]);
  expect(found({ ...storyboard({}), as: "{input}.vtt" })).toEqual([
    expect.stringMatching(/^outputs\[0\]\.as: .* no name of a \.jpg file/),
  ]);
});
