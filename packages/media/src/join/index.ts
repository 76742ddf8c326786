export { box, bytesOf, zeros } from "./boxes.js";
export { certify } from "./certificate.js";
export { type Layout, layOut } from "./layout.js";
export { lostOutput } from "./lost-output.js";
export type { ClipPart, SoundPart } from "./parts.js";
export { readLayout } from "./read.js";
export { readTags } from "./read-tags.js";
export { tagsBox, tagsOf } from "./tags.js";
export { type AppendedFile, appendAll, appendLayout, writeLayout } from "./write.js";
