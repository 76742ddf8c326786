export { IMAGE_ENGINE } from "./engine.js";
export { imageFormatName } from "./image-settings.js";
export { ImageWorkers } from "./image-workers.js";
export { foreseeImage, makeImage, requireImage } from "./make-image.js";
