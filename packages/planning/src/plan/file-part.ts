import type { ImagePart } from "./images.js";
import type { RefusedFile } from "./refused-files.js";
import type { RenditionPart, WholeRendition } from "./renditions.js";
import type { JoinedFile } from "./tracks.js";

/** The file of an output that is a part, or is joined from parts of its own; or would be, if it was possible. */
export type FilePart = ImagePart | WholeRendition | JoinedFile | RefusedFile;

/** The parts of such a file. */
export function partsOfFile(file: FilePart): readonly (ImagePart | RenditionPart)[] {
  if (file.kind === "refused") return [];
  return file.kind === "tracks" ? [...file.clips, ...(file.sound ? [file.sound] : [])] : [file];
}
