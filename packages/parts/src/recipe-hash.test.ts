import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ClipRecipeSchema, VoiceRecipeSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { recipeHash } from "./recipe-hash.js";

const recipe = {
  sourceSha256: "ab".repeat(32),
  format: { width: 720, height: 1280, rateNumerator: 30, rateDenominator: 1 },
  startMicroseconds: 9_007_199_254_740_993n,
  texts: [{ text: "Größe 🇮🇳", size: 0.07 }],
};

test("is the same for the same recipe, in this version and the next", () => {
  const made = create(ClipRecipeSchema, recipe);
  const received = fromBinary(ClipRecipeSchema, toBinary(ClipRecipeSchema, made));
  expect(recipeHash("clip", ClipRecipeSchema, received)).toBe(recipeHash("clip", ClipRecipeSchema, made));
  // The output of sha256sum for the kind, a newline and the JSON. If this changes, every stored part is made again.
  expect(recipeHash("voice", VoiceRecipeSchema, create(VoiceRecipeSchema, { voice: "slt", text: "Hello" }))).toBe(
    "b923659403a94891be1a8425a47dbe3d2b966d410ba9382e08a7d503ebe2a961",
  );
});

test.each([
  ["the text", { texts: [{ text: "Größe 🇮🇹", size: 0.07 }] }],
  ["a number beyond 2^53 by one", { startMicroseconds: 9_007_199_254_740_992n }],
  ["the format", { format: { ...recipe.format, rateDenominator: 1001 } }],
])("differs with %s", (_what, change) => {
  const hash = recipeHash("clip", ClipRecipeSchema, create(ClipRecipeSchema, recipe));
  expect(recipeHash("clip", ClipRecipeSchema, create(ClipRecipeSchema, { ...recipe, ...change }))).not.toBe(hash);
});

test("differs with the kind of part", () => {
  const line = create(VoiceRecipeSchema, { text: "Hello" });
  expect(recipeHash("pcm", VoiceRecipeSchema, line)).not.toBe(recipeHash("voice", VoiceRecipeSchema, line));
});
