import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, FoundSourceSchema, type SourceSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { isMissing, withFoundSources } from "./found-sources.js";
import { normalizeBatch } from "./normalize.js";
import { sourcePlaces } from "./source-places.js";

type SourceInit = MessageInitShape<typeof SourceSchema>;

const gone: SourceInit = { location: { case: "unreadable", value: '"x": The file does not exist.' } };
const bytes = (digit: string): SourceInit => ({ location: { case: "sha256", value: digit.repeat(64) } });
const [A, B] = ["a".repeat(64), "b".repeat(64)];
const found = (block: string, choice: string, field: string, sha256 = A) =>
  create(FoundSourceSchema, { block, choice, field, sha256 });

const batch = normalizeBatch(
  create(BatchSchema, {
    canvases: [{ label: "tall", backgroundPicture: gone }],
    blocks: [
      {
        name: "hook",
        kind: {
          case: "video",
          value: {
            choices: [
              { label: "a", media: { case: "source", value: gone } },
              { label: "b", media: { case: "source", value: bytes("0") } },
            ],
          },
        },
      },
      { name: "line", kind: { case: "text", value: { fontFile: gone, choices: [{ text: "x" }] } } },
      {
        name: "voice",
        kind: { case: "voice", value: { choices: [{ label: "v", source: gone, next: [{ text: "t", words: gone }] }] } },
      },
    ],
    outputs: [
      {
        name: "small",
        operation: { case: "transcode", value: { watermark: { mark: { case: "image", value: gone } } } },
      },
    ],
  }),
);

const PLACES = [
  ["hook", "a", "source"],
  ["line", "", "fontFile"],
  ["voice", "v", "next[0].words"],
  ["voice", "v", "source"],
  ["canvas", "tall", "backgroundPicture"],
  ["", "", "outputs[0].transcode.watermark.image"],
] as const;

it("names every missing source by block, choice and field", () => {
  const missing = [...sourcePlaces(batch)].filter(isMissing);
  expect(missing.map(({ block, choice, field }) => [block, choice, field])).toEqual(PLACES);
});

it("gives each its bytes, wherever it is, and changes nothing else", () => {
  const all = PLACES.map(([block, choice, field]) => found(block, choice, field));
  const { batch: full, mistake } = withFoundSources(batch, batch, all);
  expect(mistake).toBeUndefined();
  expect([...sourcePlaces(full)].filter(isMissing)).toEqual([]);
  expect([...sourcePlaces(full)].filter(({ source }) => source.location.value === A)).toHaveLength(PLACES.length);
  expect([...sourcePlaces(batch)].filter(isMissing)).toHaveLength(PLACES.length);
});

it("needs no field where only one is missing, and accepts the same bytes again", () => {
  const once = withFoundSources(batch, batch, [found("hook", "a", "")]).batch;
  expect(withFoundSources(once, batch, [found("hook", "a", "")])).toEqual({ batch: once });
});

it.each([
  ["was never missing", found("hook", "b", ""), "sources[0]", /"b" in block "hook" was not missing/],
  ["does not exist", found("hook", "c", ""), "sources[0]", /was not missing/],
  ["has another field", found("hook", "a", "image"), "sources[0]", /"image" of choice "a" .* was not missing/],
  ["is one of several", found("voice", "v", ""), "sources[0].field", /one of several.*"next\[0\].words" and "source"/],
])("refuses a source that %s", (_, source, field, reason) => {
  expect(withFoundSources(batch, batch, [source])).toEqual({
    batch,
    mistake: expect.objectContaining({ field, reason: expect.stringMatching(reason) }),
  });
});

it("refuses other bytes for a source that was found before", () => {
  const once = withFoundSources(batch, batch, [found("hook", "a", "")]).batch;
  expect(withFoundSources(once, batch, [found("hook", "a", "", B)]).mistake).toMatchObject({
    field: "sources[0].sha256",
    block: "hook",
    choice: "a",
    reason: expect.stringContaining("found in an earlier retry"),
  });
});
