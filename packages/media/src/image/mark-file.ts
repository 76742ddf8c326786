import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { TextOverlaySchema, type Watermark } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { renderTexts } from "../text/render-texts.js";
import { readableImage } from "./readable-image.js";

/** The picture of a watermark as a file that the program for images reads: its image, or its text drawn large. */
export async function markFile(
  { mark, color, font }: Watermark,
  markPath: string | undefined,
  tempDir: string,
  signal: AbortSignal,
): Promise<string> {
  if (mark.case === "image" && markPath) return readableImage(markPath, tempDir, signal);
  if (mark.case !== "text") throw new PolyreelError("internal", "A watermark has neither an image nor a text.");
  const overlay = create(TextOverlaySchema, { ...TEXT, text: mark.value, color: color || "#ffffffff", font });
  const scene = { canvas: TEXT_CANVAS, stretch: { fromSeconds: 0, toSeconds: 1 }, fontPath: noFontFile };
  for await (const { png } of renderTexts([overlay], scene)) {
    const drawn = join(tempDir, `mark-${randomUUID()}.png`);
    await writeFile(drawn, png);
    return drawn;
  }
  throw new PolyreelError("invalid", {
    field: "watermark.text",
    reason: "The text of the watermark shows nothing.",
    remedy: "Give it letters, or leave the watermark out.",
  });
}

/** Large enough for the lines of a text that is as wide as a large photo; the program scales it down. */
const TEXT_CANVAS = { width: 4096, height: 4096 };
const TEXT = { position: "center", size: 0.05, maxWidth: 1, align: "center", safeArea: 0, weight: 700 };

const noFontFile = (): Promise<string> =>
  Promise.reject(new PolyreelError("internal", "A watermark has no font file."));
