export { READING } from "./reading.js";
export { UNLISTED } from "./unlisted.js";
