import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Container, OutputSchema } from "../gen/polyreel/v1/batch_pb.js";
import { normalizeOutputs } from "./normalize-outputs.js";
import { fileSuffixes } from "./operations.js";

type OutputInit = MessageInitShape<typeof OutputSchema>;

const folder = (path = "") => ({ kind: { case: "folder" as const, value: { path } } });
const normalized = (...outputs: OutputInit[]) => normalizeOutputs(outputs.map((one) => create(OutputSchema, one)));
const shown = (...outputs: OutputInit[]) => normalized(...outputs).map((output) => toJson(OutputSchema, output));

const DEFAULT = [{ folder: {} }];
const VIDEO = { name: "video", mp4: {}, to: DEFAULT };

it.each<[string, OutputInit[], object[]]>([
  ["none", [], [VIDEO]],
  ["an empty one", [{}], [VIDEO]],
  ["one that names its container", [{ container: Container.MP4 }], [VIDEO]],
  [
    "a destination of the former spelling",
    [{ destination: folder("spring") }],
    [{ ...VIDEO, to: [{ folder: { path: "spring" } }] }],
  ],
  [
    "a virtual one of the former spelling, with where its manifest lies",
    [{ virtual: true, destination: folder("spring") }],
    [{ ...VIDEO, to: [{ virtual: { folder: { path: "spring" } } }] }],
  ],
  [
    "pictures beside a video, which go where it goes",
    [{ poster: { seconds: 1n }, contactSheet: { rows: 2 }, destination: folder("spring") }],
    [
      { ...VIDEO, to: [{ folder: { path: "spring" } }] },
      { name: "poster", thumbnail: { at: "1s", format: "PICTURE_FORMAT_JPEG" }, to: [{ folder: { path: "spring" } }] },
      { name: "sheet", sheet: { columns: 4, rows: 2, width: 160 }, to: [{ folder: { path: "spring" } }] },
    ],
  ],
  [
    "several without names",
    [{ operation: { case: "mp4", value: {} } }, { to: [folder("a")] }, { name: "video-2" }],
    [VIDEO, { name: "video-3", mp4: {}, to: [{ folder: { path: "a" } }] }, { name: "video-2", mp4: {}, to: DEFAULT }],
  ],
])("fills in the defaults of %s", (_, given, expected) => {
  expect(shown(...given)).toEqual(expected);
  const once = normalized(...given);
  expect(normalizeOutputs(once)).toEqual(once);
});

it.each<[string, OutputInit[], string[]]>([
  ["a poster and a sheet have the names they had", [{ poster: {}, contactSheet: {} }], [".mp4", ".jpg", ".sheet.jpg"]],
  [
    "a second of a kind is named for itself",
    [
      {},
      { name: "draft" },
      { name: "small", operation: { case: "thumbnail", value: {} } },
      { name: "large", operation: { case: "thumbnail", value: {} } },
    ],
    [".mp4", ".draft.mp4", ".jpg", ".large.jpg"],
  ],
  [
    "none shares another's",
    [
      { operation: { case: "thumbnail", value: {} } },
      { name: "sheet", operation: { case: "thumbnail", value: {} } },
      { name: "frames", operation: { case: "sheet", value: {} } },
    ],
    [".jpg", ".sheet.jpg", ".frames.jpg"],
  ],
])("names files: %s", (_, given, expected) => {
  expect(fileSuffixes(normalized(...given))).toEqual(expected);
});
