import type { Output } from "@polyreel/contract";

const VIDEO = ".mp4";
export const POSTER = ".jpg";
export const CONTACT_SHEET = ".sheet.jpg";

/** What follows a combination's name in the names of its files; none are written of a virtual output. */
export function suffixesOf(output: Output | undefined): string[] {
  if (output?.virtual) return [];
  return [VIDEO, ...(output?.poster ? [POSTER] : []), ...(output?.contactSheet ? [CONTACT_SHEET] : [])];
}
