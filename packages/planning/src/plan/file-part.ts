import type { ImagePart } from "./images.js";
import type { RenditionPart } from "./renditions.js";

/** A part that is the file of an output. */
export type FilePart = ImagePart | RenditionPart;
