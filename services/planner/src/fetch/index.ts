export { fetchFile } from "./fetch-file.js";
export { DEFAULT_LIMITS } from "./limits.js";
