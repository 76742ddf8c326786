import { create, fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { BatchSchema, OutputSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { foldersOf } from "./destinations.js";

const HERE = [{ folder: { path: "." } }];

it.each<[string, JsonObject, JsonObject[]]>([
  ["of a batch without outputs", {}, [{ to: HERE }]],
  ["of inputs, which have none by default", { inputs: [{ source: { url: "https://a.example/b.mp4" } }] }, []],
  ["of an output of inputs", { inputs: [{}], outputs: [{ audio: {} }] }, [{ audio: {}, to: HERE }]],
])("sets the path of the folder destinations of %s", (_, given, outputs) => {
  const batch = create(BatchSchema, fromJson(BatchSchema, given));
  expect(foldersOf(batch, ".")).toMatchObject(outputs.map(() => ({ path: "." })));
  expect(batch.outputs.map((output) => toJson(OutputSchema, output))).toEqual(outputs);
});
