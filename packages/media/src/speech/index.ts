export { MULTILINGUAL, speaksLanguage } from "./languages.js";
export { nothingToSpeak } from "./nothing-to-speak.js";
export { READING } from "./reading.js";
export { unknownVoice, type VoiceListing, voiceOf } from "./unknown-voice.js";
export { UNLISTED } from "./unlisted.js";
export { lineSettings, voiceSettings } from "./voice-settings.js";
