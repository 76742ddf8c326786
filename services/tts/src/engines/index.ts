export { ConfiguredEngines } from "./configured-engines.js";
export { Engines } from "./engines.js";
export { MODEL_CARD } from "./piper/licence.js";
export { MAX_CONFIG_BYTES } from "./piper/piper-config.js";
export { CONFIG_ENDING, MAX_MODEL_BYTES, MODEL_ENDING } from "./piper/piper-model.js";
export { type AddedVoice, addVoice, MAX_CARD_BYTES, removeVoice } from "./piper/voice-folder.js";
export { type PiperFolder, readVoicesConfig } from "./voices-config.js";
export { isWanted } from "./wanted-voices.js";
