export { ACCOUNT, refuse, startElevenLabsServer } from "../elevenlabs/testing/elevenlabs-server.js";
export { startOpenAiServer } from "../openai/testing/openai-server.js";
export { JOE_FOLDER } from "../piper/testing/joe-voice.js";
export { loud, silent } from "../piper/testing/made-models.js";
export type { ProviderServer } from "./provider-server.js";
