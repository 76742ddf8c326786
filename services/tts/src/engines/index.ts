export { Engines } from "./engines.js";
export { unknownVoice } from "./unknown-voice.js";
