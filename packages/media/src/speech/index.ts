export { type AlignableWord, alignText, alignWords } from "./align-words.js";
export { nothingToSpeak } from "./nothing-to-speak.js";
export { READING } from "./reading.js";
export { speechFrames } from "./speech-frames.js";
export { soundsOfLetters, soundsOfPhonemes } from "./speech-sounds.js";
export { splitWords } from "./split-words.js";
export { unknownVoice, type VoiceListing, voiceNamed } from "./unknown-voice.js";
export { UNLISTED } from "./unlisted.js";
export { voiceSettings } from "./voice-settings.js";
