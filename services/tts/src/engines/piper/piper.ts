import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { isAbsent } from "@polyreel/platform/files";
import { KeptPrograms, machineMemoryBytes } from "@polyreel/platform/process";
import { espeakBuild } from "../espeak-build.js";
import { espeakNg } from "../espeak-ng.js";
import { runEngine } from "../run-engine.js";
import type { Reach, SpeakRequest, Speech, SpeechEngine, VoiceFault } from "../speech-engine.js";
import type { PiperFolder } from "../voices-config.js";
import { wavOf } from "../wav.js";
import { namingVoice } from "./phonemes.js";
import type { PiperJob, SpokenSamples } from "./piper-job.js";
import { MODEL_ENDING, ModelHashes, type PiperModel, readModel } from "./piper-model.js";
import { ENGINE, type PiperVoice, voicesOf } from "./piper-voices.js";
import { startPiperWorker } from "./piper-worker.js";
import { RATES, scaleAt } from "./rates.js";
import { readText, unreadLetters } from "./read-text.js";
import { runtimeVersion } from "./runtime-version.js";

/** Models that are added or removed are noticed after this time. */
const RELIST_MS = 10_000;
const REACH: Reach = { rate: RATES, pitch: [0, 0] };
/** What a program takes at most with a model of medium quality; all of them together take half of the memory. */
const PROGRAM_BYTES = 2 ** 30;
/** The default voice speaks English, whatever models there are. */
const DEFAULT_LANGUAGE = "en";

/** Piper: neural voices, each a model in a folder. Without noise, so that a text is always spoken identically. */
export class PiperEngine implements SpeechEngine {
  readonly name = ENGINE;
  readonly relistAfterMs = RELIST_MS;
  readonly defaultLanguage = DEFAULT_LANGUAGE;
  readonly #hashes = new ModelHashes();
  readonly #programs = new KeptPrograms<PiperJob, SpokenSamples>({
    processes: Math.max(1, Math.min(availableParallelism(), Math.floor(machineMemoryBytes() / 2 / PROGRAM_BYTES))),
    start: () => startPiperWorker(),
    needs: ({ sha256 }) => sha256,
  });
  #listed: ReadonlyMap<string, PiperVoice> = new Map();

  constructor(private readonly folder: PiperFolder) {}

  async voices(signal: AbortSignal, failed: (fault: VoiceFault) => void = () => {}): Promise<Voice[]> {
    const models: PiperModel[] = [];
    for (const name of await modelNames(this.folder)) {
      try {
        models.push(await readModel(this.folder.path, name, { hashes: this.#hashes, signal }));
      } catch (error) {
        if (!(error instanceof PolyreelError)) throw error;
        failed({ error, language: name.replace("_", "-") });
      }
    }
    const espeak = models.some(({ config }) => config.espeakVoice !== undefined) ? await espeakBuildNow(signal) : "";
    const voices = models.length > 0 ? voicesOf(models, { espeak, runtime: await runtimeVersion() }) : [];
    this.#listed = new Map(voices.map((one) => [one.voice.name, one]));
    return voices.map(({ voice }) => voice);
  }

  reach = (): Reach => REACH;

  async unreadable(name: string, text: string, signal: AbortSignal): Promise<readonly string[]> {
    const { config } = this.#voice(name).model;
    if (config.espeakVoice === undefined) return unreadLetters(text, config);
    const { espeakVoice } = config;
    return espeakNg.unreadable(espeakVoice, text, signal).catch((error: unknown) => {
      throw namingVoice(espeakVoice, error);
    });
  }

  async speak({ voice, text, rate, signal, tempDir }: SpeakRequest): Promise<Speech> {
    const { model, speaker } = this.#voice(voice);
    const { config, sha256 } = model;
    const samples = join(tempDir, "piper.pcm");
    const job: PiperJob = {
      ...{ model: model.path, sha256, speaker, output: samples },
      ...{ lengthScale: config.lengthScale * scaleAt(rate), sampleRate: config.sampleRate },
      utterances: await readText(text, config, signal),
    };
    await this.#programs.make(job, signal);
    const path = join(tempDir, "piper.wav");
    await writeFile(path, wavOf(await readFile(samples), config.sampleRate), { signal });
    await rm(samples);
    return { path, words: [] };
  }

  close = (): Promise<void> => this.#programs.close();

  #voice(name: string): PiperVoice {
    const found = this.#listed.get(name);
    if (found) return found;
    const reason = `The voice "${name}" was removed meanwhile.`;
    throw new PolyreelError("unavailable", { reason, remedy: "Add it again, or use another one." }, { outage: false });
  }
}

/** Names of the models in a folder, sorted. Throws PolyreelError `not_found` if there are none. */
async function modelNames({ path: folder, isStated }: PiperFolder): Promise<string[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    // Services may run without access to a home.
    if (isAbsent(error) || !isStated) return [];
    throw new PolyreelError("precondition", {
      reason: `The folder of Piper's voices, ${folder}, can't be read.`,
      remedy: "Set POLYREEL_PIPER_VOICES to a folder that the speech service may read.",
    });
  });
  const names = files.filter((file) => file.endsWith(MODEL_ENDING) && !file.startsWith("."));
  if (names.length === 0) throw new PolyreelError("not_found", `There are no voices of Piper in ${folder}.`);
  return names.map((file) => file.slice(0, -MODEL_ENDING.length)).sort();
}

async function espeakBuildNow(signal: AbortSignal): Promise<string> {
  const { name } = espeakNg;
  try {
    return await espeakBuild(await runEngine({ program: name, args: ["--version"], signal }), signal);
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "not_found") throw error;
    const remedy = "Install espeak-ng where the speech service runs (Debian and Ubuntu: apt install espeak-ng).";
    throw new PolyreelError("precondition", { reason: "It needs espeak-ng, which is not installed.", remedy });
  }
}
