import { NO_SECRETS, type Secrets } from "@polyreel/pipeline/settings";
import type { Leases } from "@polyreel/platform/stream";
import { ElevenLabs } from "../elevenlabs/elevenlabs.js";
import { OpenAi } from "../openai/openai.js";
import type { SpeechEngine } from "../speech-engine.js";
import { readApiKey } from "./api-key.js";
import { KeySlots } from "./key-slots.js";
import { type ClientOptions, ProviderClient } from "./provider-client.js";
import type { ProviderSettings } from "./provider-settings.js";
import { Transcriber } from "./transcriber.js";

export interface OpenOptions extends ClientOptions {
  /** Share the slots of keys with other processes; without them, they are this process's own. */
  readonly leases?: Pick<Leases, "tryHold">;
  /** For keys that are secrets of the store. */
  readonly secrets?: Secrets;
}

/** The engine of a configured provider. */
export function openProvider(settings: ProviderSettings, { leases, ...options }: OpenOptions = {}): SpeechEngine {
  return new engines[settings.type](settings, clientOf(settings, options), slotsOf(settings, leases));
}

/** Longer than a slow machine needs for an hour. */
const TRANSCRIPTION_DEADLINE_SECONDS = 3600;

/** What transcribes recordings; undefined if the provider is not configured for it. */
export function openTranscriber(
  settings: ProviderSettings,
  { leases, ...options }: OpenOptions = {},
): Transcriber | undefined {
  const { name, transcriptionModel } = settings;
  if (transcriptionModel === "") return undefined;
  const client = clientOf(settings, { deadlineSeconds: TRANSCRIPTION_DEADLINE_SECONDS, ...options });
  return new Transcriber(name, transcriptionModel, client, slotsOf(settings, leases));
}

function clientOf(settings: ProviderSettings, { secrets = NO_SECRETS, ...options }: OpenOptions): ProviderClient {
  const { name, endpoint, credentials } = settings;
  const authorise = async () => (credentials ? header(settings, await readApiKey(name, credentials, secrets)) : {});
  return new ProviderClient({ name, endpoint, authorise }, options);
}

const slotsOf = ({ name, concurrency }: ProviderSettings, leases: OpenOptions["leases"]): KeySlots =>
  new KeySlots(concurrency, leases && { name: `voices.${name}`, leases });

const engines = { elevenlabs: ElevenLabs, openai: OpenAi } as const;

const header = ({ type }: ProviderSettings, key: string): Readonly<Record<string, string>> =>
  type === "elevenlabs" ? { "xi-api-key": key } : { authorization: `Bearer ${key}` };
