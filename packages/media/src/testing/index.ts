export { decodeClip } from "../clip/testing/decode-clip.js";
export {
  ebur128,
  ffmpegValues,
  levelDb,
  makeFile,
  never,
  playSound,
  soundEvent,
  soundRecipe,
} from "../sound/testing/sounds.js";
export { makeCyclicFont, makeDeepFont, makeFont, makeFontBomb } from "../text/testing/make-font.js";
export { inChromium } from "./chromium-page.js";
export { decodedImageSize } from "./decoded-image.js";
export { type EncodedPart, encodeClip, encodeSound, SMALL_FORMAT } from "./encode-parts.js";
export { CHROMIUM, NEEDS_CHROMIUM, playThrough } from "./play-in-chromium.js";
export {
  brightness,
  decodedFrameCount,
  decodedFrames,
  decodedSound,
  decodedSoundSeconds,
  probed,
  probedHeader,
  probedPackets,
} from "./read-back.js";
export { NEEDS_REAL_MEDIA, REAL_MEDIA } from "./real-media.js";
export { NEEDS_RECOGNISER, recogniseSpeech, wordErrorRate, words } from "./recognise-speech.js";
export { recogniseWords, WHISPER } from "./recogniser/recognise-words.js";
export { seekInChromium } from "./seek-in-chromium.js";
