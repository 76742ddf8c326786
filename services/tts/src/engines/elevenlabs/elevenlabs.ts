import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  FailureCode,
  type SpeechModel,
  type Voice,
  VoiceSchema,
  type VoiceSettings,
  VoiceSettingsSchema,
} from "@polyreel/contract";
import { MULTILINGUAL, voiceSettings } from "@polyreel/media/speech";
import { PolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";
import { scriptsOf, wordsByScript } from "../../text/scripts.js";
import type { KeySlots } from "../provider/key-slots.js";
import type { ProviderClient } from "../provider/provider-client.js";
import type { ProviderSettings } from "../provider/provider-settings.js";
import type { ArrivedSpeech, Reach, SpeakRequest, Speech, SpeechEngine } from "../speech-engine.js";
import { wavOf } from "../wav.js";
import { type AccountVoice, listAccountVoices, listModels } from "./account.js";
import { findGenerated } from "./history.js";
import { parseSpeech, RATE } from "./speech-answer.js";

/** Revision of what is requested and how the answer is read: part of the build, so raised with any change of the speech. */
const REVISION = "elevenlabs 1";
/** New voices of an account are listed after this time. */
const RELIST_AFTER_MS = 10 * 60_000;
const REACH: Reach = {
  rate: [0.7, 1.2],
  pitch: [0, 0],
  settings: ["model", "stability", "similarity", "style", "seed", "language"],
};

/** ElevenLabs: natural, multilingual, with word times; a text is spoken differently each time, and costs by character. */
export class ElevenLabs implements SpeechEngine {
  readonly name: string;
  readonly relistAfterMs = RELIST_AFTER_MS;
  readonly known: readonly Voice[];
  #voices: ReadonlyMap<string, AccountVoice>;
  models: readonly SpeechModel[] = [];

  constructor(
    private readonly settings: ProviderSettings,
    private readonly client: ProviderClient,
    private readonly slots: KeySlots,
  ) {
    this.name = settings.name;
    const configured = settings.voices.map((voice): AccountVoice => ({ ...voice, sampleUrl: "", saved: {} }));
    this.#voices = byName(configured);
    this.known = configured.map((voice) => this.#listed(voice));
  }

  async voices(signal: AbortSignal): Promise<Voice[]> {
    const { name, client } = this;
    const { charactersPerLine } = this.settings;
    this.models = (await listModels(client, name, signal)).map((model) => limited(model, charactersPerLine));
    if (this.settings.voices.length > 0) return [...this.known];
    this.#voices = byName(await listAccountVoices(client, name, signal));
    return [...this.#voices.values()].map((voice) => this.#listed(voice));
  }

  recall(voices: readonly Voice[]): Voice[] {
    return voices.map((voice) => this.#listed(voice));
  }

  reach = (): Reach => REACH;

  async unreadable(_voice: string, text: string, _signal: AbortSignal, settings?: VoiceSettings): Promise<string[]> {
    const named = modelName(settings, this.settings);
    const { languages = [] } = this.models.find((model) => model.name === named) ?? {};
    if (languages.length === 0) return [];
    const scripts = new Set(languages.flatMap(scriptsOf));
    return [...wordsByScript(text)].flatMap(([script, words]) => (scripts.has(script) ? [] : words));
  }

  async speak(request: SpeakRequest): Promise<Speech> {
    const { name } = this;
    const { text, settings, signal, tempDir, outsideSlot, charge, keep } = request;
    const account = await this.#accountVoice(request.voice, signal);
    const spoken = spokenSettings(account, request);
    const body = {
      text,
      model_id: modelName(settings, this.settings),
      ...(settings?.language && { language_code: settings.language.split("-")[0]?.toLowerCase() }),
      ...(settings?.seed !== undefined && { seed: settings.seed }),
      ...(spoken && { voice_settings: spoken }),
    };
    const path = `/v1/text-to-speech/${encodeURIComponent(account.id)}/with-timestamps?output_format=pcm_${RATE}`;
    const speak = async (): Promise<ArrivedSpeech> => {
      const answer = await this.client.send({ method: "POST", path, body, signal, charge });
      const { samples, words } = parseSpeech(name, answer);
      const speech = { audio: wavOf(samples, RATE), words };
      await keep?.(speech);
      return speech;
    };
    const { audio, words } = await this.slots.use(speak, { signal, outsideSlot });
    const file = join(tempDir, "elevenlabs.wav");
    await writeFile(file, audio, { signal });
    return { path: file, words };
  }

  /** From the account's history, which has no times of characters. */
  async earlier(request: SpeakRequest, since: Date): Promise<ArrivedSpeech | undefined> {
    const account = await this.#accountVoice(request.voice, request.signal);
    const generated = {
      ...{ voiceId: account.id, modelId: modelName(request.settings, this.settings), text: request.text, since },
      settings: spokenSettings(account, request) ?? account.saved,
    };
    const audio = await findGenerated(this.client, this.name, generated, request.signal);
    return audio && { audio, words: [] };
  }

  /** Asks for a voice that is only recalled. */
  async #accountVoice(name: string, signal: AbortSignal): Promise<AccountVoice> {
    if (!this.#voices.has(name)) await this.voices(signal);
    const found = this.#voices.get(name);
    if (found) return found;
    const reason = `The voice provider ${quote(this.name)} does not have the voice ${quote(name)}.`;
    throw new PolyreelError("invalid", { field: "voice", code: FailureCode.NOT_FOUND, reason });
  }

  #listed({ name, id, language, gender, sampleUrl }: Listable): Voice {
    const configured = this.settings.voices.find((one) => one.name === name)?.settings;
    return create(VoiceSchema, {
      ...{
        name,
        id,
        gender,
        sampleUrl,
        engine: this.name,
        language: language || MULTILINGUAL,
        wordTimes: true,
        varies: true,
      },
      build: `${this.name} ${REVISION}`,
      charactersPerBatch: BigInt(this.settings.charactersPerBatch),
      settings: voiceSettings(configured, { settings: create(VoiceSettingsSchema, { model: this.settings.model }) }),
    });
  }
}

type Listable = Pick<Voice, "name" | "id" | "language" | "gender" | "sampleUrl">;

/** With the operator's limit. */
const limited = (model: SpeechModel, charactersPerLine: number): SpeechModel => {
  const own = Number(model.maxCharacters) || Number.POSITIVE_INFINITY;
  const most = Math.min(own, charactersPerLine);
  return { ...model, maxCharacters: Number.isFinite(most) ? BigInt(most) : 0n };
};

const modelName = (settings: VoiceSettings | undefined, { model }: ProviderSettings): string =>
  settings?.model || model;

/** Of voices with one name, only the first can be named by it; the others by their ids. */
function byName(voices: readonly AccountVoice[]): Map<string, AccountVoice> {
  const found = new Map<string, AccountVoice>();
  for (const voice of voices) {
    const name = found.has(voice.name) ? voice.id : voice.name;
    found.set(name, { ...voice, name });
  }
  return found;
}

/** The API takes its own defaults, not the saved settings, for whatever is left out beside a setting. */
function spokenSettings(
  { saved }: AccountVoice,
  { settings, rate }: Pick<SpeakRequest, "settings" | "rate">,
): Readonly<Record<string, unknown>> | undefined {
  const { stability, similarity, style } = settings ?? {};
  const stated = {
    ...(stability !== undefined && { stability }),
    ...(similarity !== undefined && { similarity_boost: similarity }),
    ...(style !== undefined && { style }),
    ...(rate !== 1 && { speed: rate }),
  };
  return Object.keys(stated).length === 0 ? undefined : { ...saved, ...stated };
}
