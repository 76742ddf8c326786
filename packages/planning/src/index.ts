export { fileNameOf, shownUrl } from "./shown-url.js";
