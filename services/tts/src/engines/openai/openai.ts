import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type SpeechModel,
  SpeechModelSchema,
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
import type { ConfiguredVoice, ProviderSettings } from "../provider/provider-settings.js";
import { parseSound } from "../provider/sound-answer.js";
import type { ArrivedSpeech, Reach, SpeakRequest, Speech, SpeechEngine } from "../speech-engine.js";

/** Revision of what is requested and how the answer is read: part of the build, so raised with any change of the speech. */
const REVISION = "openai 1";
const REACH: Reach = { rate: [0.25, 4], pitch: [0, 0], settings: ["model"] };

/** Servers with OpenAI's `/audio/speech`, local ones too. Without word times; their voices are those that are configured. */
export class OpenAi implements SpeechEngine {
  readonly name: string;
  readonly known: readonly Voice[];
  /** Servers list no limits: the operator's is that of every model. */
  readonly models: readonly SpeechModel[];

  constructor(
    private readonly settings: ProviderSettings,
    private readonly client: ProviderClient,
    private readonly slots: KeySlots,
  ) {
    this.name = settings.name;
    const maxCharacters = BigInt(settings.charactersPerLine);
    this.models = [create(SpeechModelSchema, { engine: this.name, maxCharacters })];
    this.known = settings.voices.map((voice) => this.#listed(voice));
  }

  /** Asks for the models only to notice an unreachable server and a wrong key: not all servers list any. */
  async voices(signal: AbortSignal): Promise<Voice[]> {
    await this.client.send({ method: "GET", path: "/models", signal }).catch((error: unknown) => {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    });
    return [...this.known];
  }

  reach = (): Reach => REACH;

  /** A voice of one language reads the scripts of that language. */
  async unreadable(voice: string, text: string): Promise<string[]> {
    const { language } = this.#configured(voice);
    if (language === MULTILINGUAL) return [];
    const scripts = scriptsOf(language);
    return [...wordsByScript(text)].flatMap(([script, words]) => (scripts.includes(script) ? [] : words));
  }

  async speak({
    voice,
    text,
    rate,
    settings,
    signal,
    tempDir,
    outsideSlot,
    charge,
    keep,
  }: SpeakRequest): Promise<Speech> {
    const body = {
      ...{ model: this.#model(settings), voice: this.#configured(voice).id, input: text, response_format: "wav" },
      ...(rate !== 1 && { speed: rate }),
    };
    const speak = async (): Promise<ArrivedSpeech> => {
      const answer = await this.client.send({ method: "POST", path: "/audio/speech", body, signal, charge });
      const speech = { audio: parseSound(this.name, answer), words: [] };
      await keep?.(speech);
      return speech;
    };
    const { audio, words } = await this.slots.use(speak, { signal, outsideSlot });
    const path = join(tempDir, "openai.wav");
    await writeFile(path, audio, { signal });
    return { path, words };
  }

  #model = (settings: VoiceSettings | undefined): string => settings?.model || this.settings.model;

  #configured(name: string): ConfiguredVoice {
    const found = this.settings.voices.find((voice) => voice.name === name);
    if (!found) throw new PolyreelError("internal", `The voice ${quote(name)} is not configured.`);
    return found;
  }

  #listed({ name, id, language, gender, settings }: ConfiguredVoice): Voice {
    return create(VoiceSchema, {
      ...{ name, id, language, gender, engine: this.name, varies: true, build: `${this.name} ${REVISION}` },
      charactersPerBatch: BigInt(this.settings.charactersPerBatch),
      settings: voiceSettings(settings, { settings: create(VoiceSettingsSchema, { model: this.settings.model }) }),
    });
  }
}
