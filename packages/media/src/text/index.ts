export { drawApart } from "./apart/draw-apart.js";
export type { DrawnText } from "./apart/job.js";
export { emojiParts } from "./emoji.js";
export { TEXT_ENGINE } from "./engine.js";
export { writeTexts } from "./write-texts.js";
