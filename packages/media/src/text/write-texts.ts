import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TextOverlay } from "@polyreel/contract";
import { renderTexts, type TextScene } from "./render-texts.js";
import type { DrawnText } from "./sandboxed/job.js";

/** Draws texts like `renderTexts`, into files of a folder that others may use as well. */
export async function* writeTexts(
  texts: readonly TextOverlay[],
  scene: TextScene,
  folder: string,
): AsyncGenerator<DrawnText> {
  for await (const { png, ...picture } of renderTexts(texts, scene)) {
    const path = join(folder, `text-${randomUUID()}.png`);
    await writeFile(path, png);
    yield { path, ...picture };
  }
}
