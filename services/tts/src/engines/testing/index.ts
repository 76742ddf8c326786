export { ACCOUNT, refuse, startElevenLabsServer } from "../elevenlabs/testing/elevenlabs-server.js";
export { startOpenAiServer } from "../openai/testing/openai-server.js";
export type { ProviderServer } from "./provider-server.js";
