import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FailureCode, ReadFactsResponseSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { factWords } from "./fact-words.js";

type Init = NonNullable<MessageInitShape<typeof ReadFactsResponseSchema>["fact"]>;
const words = (fact: Init) => factWords(create(ReadFactsResponseSchema, { fact }));

const choices = [
  { block: "hook", choice: "a" },
  { block: "music", choice: "song" },
];
const failure = { code: FailureCode.SOURCE_INVALID, reason: "It is no video." };

it.each<[Init, string]>([
  [
    { case: "batchSubmitted", value: { name: "spring", combinations: 1n, tenant: "shop" } },
    '"spring", 1 combination, tenant shop',
  ],
  [
    { case: "batchPlanned", value: { combinations: 1200n, clips: 3n, soundtracks: 1n } },
    "1,200 combinations, 3 clips, 1 soundtrack",
  ],
  [{ case: "batchFinished", value: { delivered: 7n, failed: 1n, run: 2 } }, "7 delivered, 1 failed, run 2"],
  [{ case: "batchResumed", value: { run: 2, combinations: 3n } }, "run 2, 3 combinations"],
  [{ case: "batchCancelled", value: {} }, ""],
  [{ case: "partRequested", value: { hash: "k1", origins: choices } }, "k1, for hook=a, and 1 more"],
  [{ case: "partReady", value: { hash: "k1", reused: true } }, "k1, from the store"],
  [{ case: "partReady", value: { hash: "k1", encodeSeconds: 2.5 } }, "k1, 2.5 s of a core"],
  [{ case: "partFailed", value: { hash: "k1", failure } }, "k1, source_invalid: It is no video."],
  [
    { case: "combinationPlanned", value: { attempt: 1, combination: { id: "c1", choices, fileName: "a.mp4" } } },
    "c1, hook=a music=song, a.mp4",
  ],
  [
    {
      case: "combinationDelivered",
      value: { attempt: 2, combinationId: "c1", choices, path: "v/a.mp4", certificate: { sizeBytes: 7_400_000n } },
    },
    "c1, hook=a music=song, to v/a.mp4, 7.4 MB, attempt 2",
  ],
  [
    { case: "combinationFailed", value: { attempt: 1, combinationId: "c1", choices, failure } },
    "c1, hook=a music=song, source_invalid: It is no video.",
  ],
  [{ case: "combinationRejected", value: { combinationId: "c1", reason: "Too loud" } }, "c1, Too loud"],
])("shows %o", (fact, shown) => {
  expect(words(fact)).toBe(shown);
});

it("shows nothing of an unreadable fact", () => {
  expect(words({ case: undefined })).toBe("");
});
