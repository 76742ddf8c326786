import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Storyboard } from "@polyreel/contract";
import type { MediaFile } from "../../operations/media-file.js";
import { webVtt } from "../../operations/webvtt.js";
import type { MadeRendition, RenditionWork } from "../transcode.js";
import { planStoryboard, type StoryboardPlan } from "./plan-storyboard.js";

/**
 * The WebVTT of a storyboard, as players read it: each cue names the sheet's file and a tile in it by a media fragment
 * (https://www.w3.org/TR/media-frags/#naming-space). `cuesOf`: path of the sheet from the cues. Throws like
 * `planStoryboard`.
 */
export async function storyboardCues(
  { probe }: MediaFile,
  storyboard: Storyboard,
  { tempDir }: Pick<RenditionWork, "tempDir">,
): Promise<MadeRendition> {
  const plan = planStoryboard(storyboard, probe);
  const payloadPath = join(tempDir, `${randomUUID()}.vtt`);
  await writeFile(payloadPath, webVtt(cuesOf(plan, storyboard.cuesOf)));
  const { durationSeconds, count, warnings } = plan;
  return { payloadPath, index: { format: "vtt", durationSeconds, frames: count, warnings: [...warnings] } };
}

/** Pure. */
export function cuesOf({ tile, columns, count, stepSeconds, durationSeconds }: StoryboardPlan, sheet: string) {
  const url = sheet.split("/").map(encodeURIComponent).join("/");
  const at = (i: number) => Math.round(1000 * Math.min(durationSeconds, i * stepSeconds));
  return Array.from({ length: count }, (_, i) => {
    const x = (i % columns) * tile.width;
    const y = Math.floor(i / columns) * tile.height;
    return {
      startMilliseconds: at(i),
      endMilliseconds: at(i + 1),
      lines: [`${url}#xywh=${x},${y},${tile.width},${tile.height}`],
    };
  });
}
