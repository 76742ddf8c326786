export { align } from "./align.js";
export { sayWords, type Words, wordsFor } from "./lexicon.js";
export { modelFault } from "./model-fault.js";
export { READING } from "./reading.js";
export { unknownVoice, type VoiceListing, vanishedVoice, voiceNamed } from "./unknown-voice.js";
export { UNLISTED } from "./unlisted.js";
export { unspeakableText } from "./unspeakable-text.js";
export { voiceSettings } from "./voice-settings.js";
