export { refuse, startElevenLabsServer } from "../elevenlabs/testing/elevenlabs-server.js";
export type { ProviderServer } from "./provider-server.js";
