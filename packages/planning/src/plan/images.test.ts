import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { IMAGE_ENGINE } from "@polyreel/media/image";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { Assembler } from "./assemble.js";
import { blueprintOf, needsInOrder } from "./blueprint.js";
import { OutputPlanner } from "./output-plans.js";
import { selectionOf } from "./selection.js";
import { targetsOf } from "./targets.js";
import { A, B, footage, know } from "./testing/world.js";

const ENCODERS = { clip: "clip-1", sound: "sound-1", text: "text-1", rendition: "rendition-1" };
const still = footage(0, false);
if (still.video) still.video.still = true;
const STILLS = know(0, { [A]: still, [B]: still });
const batchOf = (...images: JsonObject[]) =>
  normalizeBatch(
    fromJson(BatchSchema, {
      inputs: [{ label: "one", source: { sha256: A, name: "one.png" } }],
      outputs: images.map((image, i) => ({ name: `o${i}`, image })),
    }),
  );
const planned = (images: JsonObject[], knowledge = STILLS) => {
  const batch = batchOf(...images);
  const assembler = new Assembler(blueprintOf(batch), knowledge, ENCODERS);
  return [...selectionOf(batch).combinations()].map((picked) => assembler.assemble(picked));
};
const imageRecipe = (image: JsonObject) => {
  const [part] = planned([image])[0]?.files ?? [];
  return part?.kind === "image" ? part.recipe.value : undefined;
};
const hashes = (...images: JsonObject[]) =>
  planned(images)[0]?.files.map((part) => part?.kind === "image" && part.hash) ?? [];

it("plans a part for each image, which its output names", () => {
  const batch = batchOf({ width: 800, format: "IMAGE_FORMAT_WEBP" });
  const [assembly] = planned([{ width: 800, format: "IMAGE_FORMAT_WEBP" }]);
  const [part] = assembly?.files ?? [];
  expect(part).toMatchObject({
    kind: "image",
    recipe: { value: { sourceSha256: A, engine: IMAGE_ENGINE } },
    origins: [{ block: "input", choice: "one", sourceName: "one.png" }],
  });
  const planner = new OutputPlanner(batch, targetsOf(batch, "b1", []));
  expect(assembly && planner.plans(assembly, 0n)).toMatchObject([
    {
      operation: { case: "image", value: { hash: hashes({ width: 800, format: "IMAGE_FORMAT_WEBP" })[0], width: 800 } },
    },
  ]);
});

it("gives equal images one part, however they are spelt", () => {
  const [one, other, third] = hashes(
    { background: "#FFFFFF", rotate: 360 },
    { background: "#ffffffff", fit: "IMAGE_FIT_INSIDE", format: "IMAGE_FORMAT_JPEG", gravity: "GRAVITY_CENTER" },
    { background: "#fffffffe" },
  );
  expect(one).toBe(other);
  expect(third).not.toBe(one);
  const left = { text: "x", color: "#ffffff" };
  const [plain, spelt] = hashes(
    { watermark: { text: "x" } },
    { watermark: { ...left, gravity: "GRAVITY_SOUTHEAST", opacity: 1 } },
  );
  expect(plain).toBe(spelt);
});

it("states a watermark by its bytes alone, and needs it for every combination", () => {
  const stored = { watermark: { image: { sha256: B, name: "logo.png" } } };
  const fetched = { watermark: { image: { url: "https://example.org/b.mp4?key=1" } } };
  expect(needsInOrder(blueprintOf(batchOf(stored))).map(({ kind, origin }) => [kind, origin.sourceName])).toEqual([
    ["source", "one.png"],
    ["source", "logo.png"],
  ]);
  const [one, renamed, other] = hashes(stored, { watermark: { image: { sha256: B, name: "mark.png" } } }, fetched);
  expect(one).toBe(renamed);
  expect(other).not.toBe(one); // The world's URL has the bytes of A.
  const recipe = imageRecipe(stored);
  expect(recipe?.image?.watermark?.mark.value).toMatchObject({ name: "", location: { value: B } });
  const drawn = imageRecipe({ watermark: { text: "x" } });
  expect(drawn?.engine).toBe(`${IMAGE_ENGINE}/text-1`);
});

it("fails nothing but the part of a watermark that cannot be read", () => {
  const gone = { watermark: { image: { name: "logo.png", unreadable: "The file does not exist." } } };
  const film = { watermark: { image: { sha256: B, name: "logo.mp4" } } };
  const reasonOf = (image: JsonObject, knowledge = STILLS) => {
    const [marked, plain] = planned([image, { width: 80 }], knowledge)[0]?.files ?? [];
    expect(plain).toBeDefined();
    return marked?.kind === "image" ? marked.recipe.value.image?.watermark?.mark.value : undefined;
  };
  expect(reasonOf(gone)).toMatchObject({ location: { case: "unreadable", value: "The file does not exist." } });
  expect(reasonOf(film, know(0, { [A]: still }))).toMatchObject({
    location: { case: "unreadable", value: '"logo.mp4": The file is a video, not an image.' },
  });
});
