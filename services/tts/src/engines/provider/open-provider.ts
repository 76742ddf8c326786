import type { Leases } from "@polyreel/platform/stream";
import { ElevenLabs } from "../elevenlabs/elevenlabs.js";
import { OpenAi } from "../openai/openai.js";
import type { SpeechEngine } from "../speech-engine.js";
import { readApiKey } from "./api-key.js";
import { KeySlots } from "./key-slots.js";
import { type ClientOptions, ProviderClient } from "./provider-client.js";
import type { ProviderSettings } from "./provider-settings.js";

export interface OpenOptions extends ClientOptions {
  /** Share the slots of keys with other processes; without them, they are this process's own. */
  readonly leases?: Pick<Leases, "tryHold">;
}

/** The engine of a configured provider. */
export function openProvider(settings: ProviderSettings, { leases, ...options }: OpenOptions = {}): SpeechEngine {
  const { name, endpoint, credentials, concurrency } = settings;
  const authorise = async () => (credentials === "" ? {} : header(settings, await readApiKey(name, credentials)));
  const slots = new KeySlots(concurrency, leases && { name: `voices.${name}`, leases });
  return new engines[settings.type](settings, new ProviderClient({ name, endpoint, authorise }, options), slots);
}

const engines = { elevenlabs: ElevenLabs, openai: OpenAi } as const;

const header = ({ type }: ProviderSettings, key: string): Readonly<Record<string, string>> =>
  type === "elevenlabs" ? { "xi-api-key": key } : { authorization: `Bearer ${key}` };
