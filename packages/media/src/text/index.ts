export { emojiParts } from "./emoji.js";
export { TEXT_ENGINE } from "./engine.js";
export { drawSandboxed } from "./sandboxed/draw-sandboxed.js";
export type { DrawnText } from "./sandboxed/job.js";
export { writeTexts } from "./write-texts.js";
