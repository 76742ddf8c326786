import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OutputSchema } from "@polyreel/contract";
import { put } from "@polyreel/tests/testing/media.js";
import type { Benchmark } from "../benchmark.js";
import { median } from "../measure/measure.js";
import { makeBed, makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";
import { batchOf } from "./batch.js";
import { deliver } from "./deliver.js";
import { runOnce, type Taken } from "./run-once.js";

export const moreOutputs: Benchmark = {
  title: "a second output, a second destination",
  figures: {
    secondOutput: {
      goal: { atMost: 2 },
      unit: "x",
      about: "CPU of a combination with a second MP4 output, over one output",
    },
    secondDestination: {
      goal: { atMost: 2 },
      unit: "x",
      about: "CPU of a combination whose video goes to two folders, over one",
    },
    withThumbnail: { unit: "x", about: "CPU of a combination with a thumbnail beside its video, over the video alone" },
    secondOutputTime: { unit: "x", about: "time of the batch with two MP4 outputs, over that with one" },
    secondDestinationTime: { unit: "x", about: "time of the batch with two folders, over that with one" },
    withThumbnailTime: { unit: "x", about: "time of the batch with thumbnails, over that without" },
    oneOutputCpuMs: { unit: "ms", about: "CPU of a combination with one output in one folder, all processes together" },
    oneOutputSeconds: { unit: "s", about: "from the submission to the end of that batch" },
    outputsCombinations: { unit: "", about: "combinations of each of these batches" },
  },
  run: benchOutputs,
};

const SIZE = { width: 90, height: 160 };

type OutputInit = MessageInitShape<typeof OutputSchema>;

/** Outputs of a batch whose files are written below a folder. */
const KINDS = {
  one: (folder: string) => [mp4("video", folder)],
  twoOutputs: (folder: string) => [mp4("video", folder), mp4("copy", folder)],
  twoDestinations: (folder: string) => [mp4("video", folder, `${folder}/copies`)],
  thumbnail: (folder: string) => [
    mp4("video", folder),
    { name: "poster", operation: { case: "thumbnail", value: {} }, to: inFolders(folder) },
  ],
} satisfies Record<string, (folder: string) => OutputInit[]>;

type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

const inFolders = (...paths: string[]) => paths.map((path) => ({ kind: { case: "folder" as const, value: { path } } }));
const mp4 = (name: string, ...folders: string[]): OutputInit => ({
  ...{ name, to: inFolders(...folders) },
  operation: { case: "mp4", value: {} },
});

/**
 * Batches of combinations with ready parts, alternately: one output in one folder, and with a second output, a second
 * destination, a thumbnail. All are written, into separate folders, and deleted again.
 */
async function benchOutputs(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { blocks, choices, rounds } = scale.outputs;
  const folder = await workshop.folder("outputs");
  const footage = await makeFootage(folder, 0, { size: SIZE, seconds: blocks * choices, signal });
  const bed = await makeBed(folder, signal);
  await using pipeline = await workshop.pipeline();
  const sha256 = await put(pipeline, footage);
  const shown = Array.from({ length: blocks }, (_, block) =>
    Array.from({ length: choices }, (_, i) => ({ sha256, startSeconds: block * choices + i })),
  );
  const batch = { size: SIZE, blocks: shown, bedSha256: await put(pipeline, bed) };
  await deliver(pipeline, batchOf({ ...batch, link: "all", virtual: true }), signal); // Makes every clip once.
  const taken = Object.fromEntries(kinds.map((kind) => [kind, [] as Taken[]])) as Record<Kind, Taken[]>;
  const combinations = choices ** blocks;
  for (let round = -1; round < rounds; round++) {
    for (const kind of kinds) {
      const outputs = KINDS[kind](`outputs-${kind}-${round}`);
      const one = await runOnce(pipeline, batchOf({ ...batch, outputs }), { combinations, signal });
      if (round >= 0) taken[kind].push(one); // Earlier rounds are warm-up.
    }
  }
  const cpu = (kind: Kind) => median(taken[kind].map(({ cpuSeconds }) => cpuSeconds));
  const time = (kind: Kind) => median(taken[kind].map(({ wallSeconds }) => wallSeconds));
  return {
    secondOutput: cpu("twoOutputs") / cpu("one"),
    secondDestination: cpu("twoDestinations") / cpu("one"),
    withThumbnail: cpu("thumbnail") / cpu("one"),
    secondOutputTime: time("twoOutputs") / time("one"),
    secondDestinationTime: time("twoDestinations") / time("one"),
    withThumbnailTime: time("thumbnail") / time("one"),
    oneOutputCpuMs: (cpu("one") / combinations) * 1000,
    oneOutputSeconds: time("one"),
    outputsCombinations: combinations,
  };
}
