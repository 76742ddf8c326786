export { READING } from "./reading.js";
