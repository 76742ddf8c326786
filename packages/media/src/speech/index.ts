export { estimatedWords } from "./estimated-words.js";
export { nothingToSpeak } from "./nothing-to-speak.js";
export { READING, RECORDING } from "./reading.js";
export { splitWords } from "./split-words.js";
export { unknownVoice, type VoiceListing, voiceNamed } from "./unknown-voice.js";
export { UNLISTED } from "./unlisted.js";
export { voiceSettings } from "./voice-settings.js";
