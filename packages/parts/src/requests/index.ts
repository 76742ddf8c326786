export { AwaitedParts } from "./awaited-parts.js";
export { ForcedRebuild } from "./force-rebuild.js";
export { renderAgain, renderWithPictures } from "./render-again.js";
