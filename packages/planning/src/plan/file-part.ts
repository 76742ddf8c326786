import type { ImagePart } from "./images.js";
import type { RenditionPart, WholeRendition } from "./renditions.js";
import type { JoinedFile } from "./tracks.js";

/** The file of an output that is a part, or is joined from parts of its own. */
export type FilePart = ImagePart | WholeRendition | JoinedFile;

/** The parts of such a file. */
export function partsOfFile(file: FilePart): readonly (ImagePart | RenditionPart)[] {
  return file.kind === "tracks" ? [...file.clips, ...(file.sound ? [file.sound] : [])] : [file];
}
