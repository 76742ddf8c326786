export { compressSpeech } from "./compress-speech.js";
export { decodePcm } from "./decode.js";
export { LoudnessProfile } from "./loudness-profile.js";
export { mixSound, type PcmInput } from "./mix.js";
export { pcmValues, SAMPLE_RATE } from "./pcm.js";
export { SOUNDS_PER_PROCESS, SoundEncoder } from "./sound-encoder.js";
export { type SoundStretch, stretchOf } from "./stretch.js";
export { requireSound } from "./timeline.js";
