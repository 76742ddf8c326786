import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { TextOverlaySchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { writeTexts } from "../text/index.js";
import { formatOf } from "./format.js";
import type { OverlayImage } from "./overlay.js";
import { openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

const format = formatOf({ width: 180, height: 320, frameRate: 30 });
/** In frames; the pause of two frames between the second and the third word belongs to the second. */
const WORDS = [
  { text: "half", from: 3, to: 10 },
  { text: "price", from: 18, to: 25 },
  { text: "today", from: 27, to: 40 },
];
/** When each is highlighted. */
const SHOWN = [
  [3, 10],
  [18, 27],
  [27, 40],
] as const;
const style = {
  ...{ reveal: "phrase", highlightColor: "#ff0000ff", position: "center", align: "center", size: 0.11, maxWidth: 1 },
  ...{ color: "#ffffffff", weight: 700, boxColor: "#000000ff", maxLines: 1 },
};

/** The columns of a picture with red pixels, from and to; chroma has half the resolution. */
function redColumns(picture: Picture): readonly [number, number] | undefined {
  const columns: number[] = [];
  for (let x = 0; x < format.width; x += 2) {
    for (let y = 0; y < format.height; y += 2) if (pixel(picture, x, y)[2] > 180) columns.push(x);
  }
  return columns.length > 0 ? [Math.min(...columns), Math.max(...columns)] : undefined;
}

it("highlights every word in its place for exactly the frames in which it is spoken", async () => {
  await using bench = await openBench();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-captions-"));
  const overlays: OverlayImage[] = [];
  try {
    const words = WORDS.map(({ text, from, to }) => ({ text, startSeconds: from / 30, endSeconds: to / 30 }));
    const texts = [create(TextOverlaySchema, { ...style, words })];
    const scene = { canvas: format, stretch: { fromSeconds: 0, toSeconds: 2 }, fontPath: async () => "" };
    for await (const { path, x, y, fromSeconds = 0, toSeconds = 0 } of writeTexts(texts, scene, folder)) {
      overlays.push({ path, x, y, fromSeconds, toSeconds });
    }
    const black = await bench.source("black.mp4", "color=black:size=180x320:rate=30:duration=2");
    const { pictures } = await bench.clip(black, { format, frames: 50 }, { overlays });
    const found = pictures.map(redColumns);
    const spoken = (frame: number) => SHOWN.findIndex(([from, to]) => frame >= from && frame < to);
    expect(found.map((columns) => columns !== undefined)).toEqual(found.map((_, frame) => spoken(frame) >= 0));
    const places = [5, 20, 30].map((frame) => found[frame]);
    expect(places.every((place, i) => i === 0 || (place?.[0] ?? 0) > (places[i - 1]?.[1] ?? 180))).toBe(true);
    for (const [frame, columns] of found.entries()) {
      const place = places[spoken(frame)];
      // Chroma has half the resolution, and is compressed.
      for (const end of [0, 1] as const) {
        expect(Math.abs((columns?.[end] ?? 0) - (place?.[end] ?? 0))).toBeLessThanOrEqual(4);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
