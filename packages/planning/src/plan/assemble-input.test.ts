import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { BatchSchema, FailureCode, OutputPlanSchema } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { normalizeBatch } from "@polyreel/spec";
import { describe, expect, it } from "vitest";
import { Assembler } from "./assemble.js";
import { blueprintOf, needsInOrder } from "./blueprint.js";
import { OutputPlanner } from "./output-plans.js";
import { selectionOf } from "./selection.js";
import { targetsOf } from "./targets.js";
import { A, B, failureOf, know } from "./testing/world.js";

const ENCODERS = { clip: "clip-1", sound: "sound-1", text: "text-1", rendition: "r" };
const batchOf = (rest: JsonObject = {}) =>
  normalizeBatch(
    fromJson(BatchSchema, {
      name: "talks",
      inputs: [
        { source: { sha256: A, name: "talk.mov" }, metadata: { year: "2024" } },
        { label: "keynote", source: { url: "https://example.org/b.mp4?key=1" }, track: 2 },
      ],
      outputs: [{ thumbnail: { at: "1.5s", width: 320 } }, { contactSheet: { columns: 2, rows: 1 } }, { audio: {} }],
      ...rest,
    }),
  );
const plan = (rest: JsonObject = {}, knowledge = know()) => {
  const batch = batchOf(rest);
  const assembler = new Assembler(blueprintOf(batch), knowledge, ENCODERS);
  return [...selectionOf(batch).combinations()].map((picked) => () => assembler.assemble(picked));
};

describe("a batch with inputs", () => {
  it("makes one combination per input, without parts", () => {
    expect(needsInOrder(blueprintOf(batchOf())).map(({ kind, origin }) => [kind, origin.sourceName])).toEqual([
      ["source", "talk.mov"],
      ["url", "b.mp4"],
    ]);
    const [talk, keynote] = plan().map((assemble) => assemble());
    expect(talk).toMatchObject({
      fileNames: ["talk.jpg", "talk.sheet.jpg", "talk.m4a"],
      clips: [],
      sound: undefined,
      frames: 0,
    });
    expect(talk?.combination).toMatchObject({
      ...{ ordinal: 0n, title: "talks", fileName: "talk.jpg", clips: [], soundHash: "" },
      choices: [{ block: "input", choice: "talk" }],
      metadata: { "input.year": "2024" },
      input: { sha256: A, sourceName: "talk.mov", track: 0 },
    });
    expect(keynote?.combination).toMatchObject({
      input: { sha256: A, sourceName: "b.mp4", track: 2 },
      fileName: "keynote.jpg",
    });
  });

  it("names files by label, metadata and id", () => {
    const names = (naming: string) =>
      plan({ naming }).map((assemble) => assemble().fileNames[0]?.replace(/\.jpg$/, ""));
    expect(names("{batch}-{input}-{input.year}")).toEqual(["talks-talk-2024", "talks-keynote"]);
    const [withId = ""] = names("x");
    expect(withId).toMatch(/^x_[a-z2-7]{12}$/);
  });

  it("fails only the unreadable input", () => {
    const bad = know(0, { [A]: sourceError({ reason: "The file is not media.", remedy: "" }) });
    const inputs = [{ source: { sha256: A, name: "bad.mp4" } }, { source: { sha256: B, name: "good.mp4" } }];
    const [broken, good] = plan({ inputs }, bad);
    expect(failureOf(() => broken?.())).toMatchObject({
      ...{ block: "input", choice: "bad", code: FailureCode.SOURCE_INVALID },
      reason: '"bad.mp4": The file is not media.',
    });
    expect(good?.().combination.input?.sha256).toBe(B);
    const [unreadable] = plan({ inputs: [{ label: "gone", source: { unreadable: "The file does not exist." } }] });
    expect(failureOf(() => unreadable?.())).toMatchObject({ choice: "gone", reason: "The file does not exist." });
    const unknown = new Assembler(
      blueprintOf(batchOf()),
      { source: () => undefined, speech: () => undefined },
      ENCODERS,
    );
    expect(() => unknown.assemble({ positions: [0], canvas: 0, ordinal: 0 })).toThrow(PolyreelError);
  });

  it("plans the specified outputs", () => {
    const batch = batchOf();
    const outputs = new OutputPlanner(batch, targetsOf(batch, "b1", []));
    const plans = (mask: bigint) =>
      outputs
        .plans(
          {
            fileNames: ["talk.jpg", "talk.sheet.jpg", "talk.m4a"],
            clips: [],
            frames: 0,
            spoken: [],
            files: [],
            format: undefined,
          },
          mask,
        )
        .map((one) => toJson(OutputPlanSchema, one));
    expect(plans(0n)).toEqual([
      {
        inputThumbnail: { at: "1.500s", width: 320, format: "PICTURE_FORMAT_JPEG" },
        targets: [{ folder: "b1" }],
      },
      {
        number: 1,
        fileName: "talk.sheet.jpg",
        inputContactSheet: { columns: 2, rows: 1, width: 160 },
        targets: [{ folder: "b1", delivery: 1 }],
      },
      { number: 2, fileName: "talk.m4a", audio: {}, targets: [{ folder: "b1", delivery: 2 }] },
    ]);
    expect(plans(2n).map((one) => (one as JsonObject).number)).toEqual([1]);
  });
});
