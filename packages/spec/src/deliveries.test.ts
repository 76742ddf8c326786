import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, DestinationSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { deliveriesOf, deliveryFolders, folderOf, homeFolder } from "./deliveries.js";
import { normalizeBatch } from "./normalize.js";
import { objectSettingsOf } from "./object-settings.js";

type DestinationInit = Exclude<MessageInitShape<typeof DestinationSchema>, Message>;

const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };

const batch = normalizeBatch(
  create(BatchSchema, {
    outputs: [
      { name: "video", to: [folder("spring"), VIRTUAL] },
      { name: "poster", operation: { case: "thumbnail", value: {} } },
      { name: "draft", to: [{ kind: { case: "virtual", value: { folder: { path: "drafts" } } } }] },
    ],
  }),
);

it("numbers deliveries in the order of the specification", () => {
  expect(deliveriesOf(batch).map(({ number, output, position }) => [number, output, position])).toEqual([
    [0, 0, 0],
    [1, 0, 1],
    [2, 1, 0],
    [3, 2, 0],
  ]);
});

it("returns the folder of each, and the default one", () => {
  expect(deliveryFolders(batch, "b2")).toEqual(["spring", "b2", "b2", "drafts"]);
  const earlier = [{ batchId: "b1", batch: normalizeBatch(create(BatchSchema)) }];
  expect(deliveryFolders(batch, "b2", earlier)).toEqual(["spring", "b1", "b1", "drafts"]);
  expect(homeFolder(normalizeBatch(create(BatchSchema)), "b2", [{ batchId: "b1", batch }])).toBe("spring");
});

it("spells the folder of a configured destination with its name, and the default one in it", () => {
  const to = (kind: NonNullable<DestinationInit["kind"]>) => ({ to: [{ kind }] });
  const { outputs } = normalizeBatch(
    create(BatchSchema, {
      outputs: [
        to({ case: "folder", value: { destination: "archive", path: "spring" } }),
        to({ case: "folder", value: { destination: "archive", path: "." } }),
        to({ case: "s3", value: { destination: "ads", prefix: "spring", overwrite: true } }),
        to({ case: "s3", value: { destination: "ads", bucket: "ads-eu" } }),
        to({ case: "drive", value: { destination: "team", path: "a/b" } }),
        to({ case: "virtual", value: { folder: { destination: "archive" } } }),
      ],
    }),
  );
  const elsewhere = create(BatchSchema, { outputs });
  const folders = ["archive:/spring", "archive:", "ads:/spring"];
  expect(deliveryFolders(elsewhere, "b2")).toEqual([...folders, "ads:ads-eu/b2", "team:/a/b", "archive:/b2"]);
  expect(outputs[2]?.to[0] && folderOf(outputs[2].to[0])).toMatchObject({ overwrite: true, prune: false });
  const earlier = [{ batchId: "b1", batch: elsewhere }];
  expect(deliveryFolders(elsewhere, "b2", earlier).slice(3)).toEqual([
    "ads:ads-eu/spring",
    "team:/a/b",
    "archive:/spring",
  ]);
});

it("has the settings of objects, if any are specified", () => {
  const s3 = (value: object) =>
    create(DestinationSchema, { kind: { case: "s3", value: { destination: "ads", ...value } } });
  expect(objectSettingsOf(s3({ prefix: "spring", overwrite: true }))).toBeUndefined();
  expect(objectSettingsOf(create(DestinationSchema, folder("spring")))).toBeUndefined();
  const settings = { cacheControl: "no-store", metadata: { campaign: "may" }, public: true };
  expect(objectSettingsOf(s3(settings))).toMatchObject(settings);
});
