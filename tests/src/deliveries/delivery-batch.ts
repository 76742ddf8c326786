import { create } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, Overrun, PictureFormat, Sound } from "@polyreel/contract";
import { make, tone } from "../gallery/make.js";
import { audio, bed, footage, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { makeFootage, put } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";

/** Small, because thousands of them are written. */
const CANVAS = { width: 90, height: 160 };
const CLIP_SECONDS = 0.4;
const BLOCKS = ["hook", "body", "offer"] as const;

/** Each output goes to each of them. */
export const FOLDERS = ["final", "archive"] as const;

/** The outputs, by the end of their files' names. */
export const OUTPUTS = [".mp4", ".png", ".sheet.jpg"] as const;

export const DELIVERIES_EACH = OUTPUTS.length * FOLDERS.length;

const to = FOLDERS.map((path) => ({ kind: { case: "folder" as const, value: { path } } }));

/**
 * A batch with this many combinations, each with a video, a thumbnail and a contact sheet, all in two folders. Three
 * blocks of clips, of which the first keep their sound, a voice that changes with the second, and a bed: parts of every
 * kind.
 */
export async function deliveryBatch(pipeline: Pipeline, combinations: number, seed: number): Promise<Batch> {
  const choices = choicesFor(combinations);
  const seconds = BLOCKS.length * choices * CLIP_SECONDS;
  const film = await put(pipeline, await makeFootage(pipeline.folder, "film.mp4", { seconds, size: "180x320" }));
  const music = await make(pipeline, "music.wav", { sound: tone(220, 2) });
  const clip = (block: number, i: number) =>
    footage(`${BLOCKS[block]}${i}`, film, {
      trim: { start: durationOf((block * choices + i) * CLIP_SECONDS), duration: durationOf(CLIP_SECONDS) },
    });
  const clips = (block: number) => Array.from({ length: choices }, (_, i) => clip(block, i));
  const lines = Array.from({ length: choices }, (_, i) => ({ label: `line${i}`, text: `Number ${i}`, voice: "rms" }));
  return create(BatchSchema, {
    name: "deliveries",
    canvas: CANVAS,
    blocks: [
      video("hook", { sound: Sound.KEPT, choices: clips(0) }),
      { ...video("body", { sound: Sound.MUTED, choices: clips(1) }), link: "speech" },
      { ...voice("line", { at: "hook", overrun: Overrun.TRIM, choices: lines }), link: "speech" },
      video("offer", { sound: Sound.MUTED, choices: clips(2) }),
      audio("music", { loop: true, gainDb: -14, choices: [bed("chord", music)] }),
    ],
    ...(choices ** BLOCKS.length > combinations && {
      sample: { count: BigInt(combinations), seed: BigInt(seed) },
    }),
    outputs: [
      { name: "video", operation: { case: "mp4", value: {} }, to },
      {
        name: "poster",
        operation: { case: "thumbnail", value: { at: durationOf(0.5), format: PictureFormat.PNG } },
        to,
      },
      { name: "sheet", operation: { case: "contactSheet", value: { columns: 3, rows: 1, width: 40 } }, to },
    ],
  });
}

/** Choices per block for at least this many combinations. */
function choicesFor(combinations: number): number {
  let choices = 1;
  while (choices ** BLOCKS.length < combinations) choices++;
  return choices;
}
