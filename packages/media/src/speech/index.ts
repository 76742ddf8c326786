export { align } from "./align.js";
export { sayWords, type Words, wordsFor } from "./lexicon.js";
export { nothingToSpeak } from "./nothing-to-speak.js";
export { READING } from "./reading.js";
export { unknownVoice, type VoiceListing, voiceNamed } from "./unknown-voice.js";
export { UNLISTED } from "./unlisted.js";
export { voiceSettings } from "./voice-settings.js";
