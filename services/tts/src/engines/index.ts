export { Engines } from "./engines.js";
