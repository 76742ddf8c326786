import { durationMs } from "@bufbuild/protobuf/wkt";
import { Gravity, type Watermark } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { checkSource } from "./check-source.js";

/** Gravities that depend on the picture. */
export const BY_CONTENT: ReadonlySet<Gravity> = new Set([Gravity.ATTENTION, Gravity.ENTROPY]);

/** Settings of a watermark that exclude each other, or would have no effect. `at`: its path. */
export function checkWatermark({ mark, gravity, tiled, color, font, during }: Watermark, at: string): Mistake[] {
  const mistakes: Mistake[] = [];
  const add = (field: string, reason: string, remedy: string) =>
    mistakes.push({ field: `${at}.${field}`, reason, remedy });
  if (BY_CONTENT.has(gravity)) {
    add("gravity", "A watermark can't be placed by attention or entropy.", "Name a direction, such as southeast.");
  } else if (tiled && gravity !== Gravity.UNSPECIFIED) {
    add("gravity", "A tiled watermark is everywhere: it has no gravity.", "Leave gravity or tiled out.");
  }
  if (mark.case === "image") {
    if (color) add("color", "Only a text has a colour.", "Leave color out.");
    if (font) add("font", "Only a text has a font.", "Leave font out.");
    mistakes.push(...checkSource(mark.value, `${at}.image`));
  } else if (mark.case === "text" && mark.value.trim() === "") {
    add("text", "The text of the watermark shows nothing.", "Give it letters, or leave the watermark out.");
  }
  if (during?.end && durationMs(during.end) <= durationMs(during.start ?? during.end)) {
    add("during.end", "The watermark would end before it begins.", "Make end later than start.");
  }
  return mistakes;
}
