import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FailureCode, type SpokenWord } from "@polyreel/contract";
import { compressSpeech } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";
import { parseWords } from "../../recordings/words-file/parse-words.js";
import { WordsFileMistake } from "../../recordings/words-file/timed-text.js";
import type { SpeakRequest } from "../speech-engine.js";
import type { KeySlots } from "./key-slots.js";
import { fieldsOf, type ProviderClient, parsed } from "./provider-client.js";

/** Revision of what is requested and how the answer is read: part of the build, so raised with any change of the words. */
const REVISION = "transcription 1";
/** OpenAI's limit; about 20 minutes of speech. */
const MAX_BYTES = 25_000_000;

export interface TranscribeRequest extends Pick<SpeakRequest, "signal" | "outsideSlot" | "tempDir"> {
  /** A file of PCM. */
  readonly pcmPath: string;
}

/** A server with OpenAI's `/audio/transcriptions`: it finds the words of recordings, with their times. */
export class Transcriber {
  /** Name, model and revision: part of the recipes of recordings that it transcribes. */
  readonly build: string;

  constructor(
    private readonly name: string,
    private readonly model: string,
    private readonly client: ProviderClient,
    private readonly slots: KeySlots,
  ) {
    this.build = `${name} ${model} ${REVISION}`;
  }

  /** The words, none if it hears none. Throws as `ProviderClient.send`. */
  async transcribe({ pcmPath, tempDir, signal, outsideSlot }: TranscribeRequest): Promise<SpokenWord[]> {
    const file = join(tempDir, "transcribed.flac");
    const { seconds } = await compressSpeech(pcmPath, file, signal);
    if ((await stat(file)).size > MAX_BYTES) throw this.#refused("it is too long");
    const form = new FormData();
    form.set("file", await openAsBlob(file, { type: "audio/flac" }), "recording.flac");
    form.set("model", this.model);
    form.set("response_format", "verbose_json");
    form.append("timestamp_granularities[]", "word");
    const ask = () => this.client.send({ method: "POST", path: "/audio/transcriptions", form, signal });
    const answer = await this.slots.use(ask, { signal, outsideSlot }).catch((error: unknown) => {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      throw this.#refused("its file or the model is not accepted", error);
    });
    return this.#words(answer.bytes, seconds);
  }

  #words(bytes: Buffer, seconds: number): SpokenWord[] {
    const { error, text } = fieldsOf(parsed(bytes));
    if (error) throw this.#useless("it is an error");
    if (text === "") return [];
    try {
      return parseWords(bytes, seconds);
    } catch (mistake) {
      if (!(mistake instanceof WordsFileMistake)) throw mistake;
      throw this.#useless(text === undefined ? "it is no transcription" : "its words have no usable times");
    }
  }

  #refused(why: string, cause?: unknown): PolyreelError {
    const failure = {
      reason: `The voice provider ${quote(this.name)} does not transcribe the recording: ${why}.`,
      remedy: "Give the recording a file with its words. The operator checks transcriptionModel.",
    };
    return new PolyreelError("invalid", failure, { cause });
  }

  /** Not asked for again: it may have been charged for. */
  #useless(what: string): PolyreelError {
    return new PolyreelError("precondition", {
      code: FailureCode.UNAVAILABLE,
      reason: `The voice provider ${quote(this.name)} answered without usable words: ${what}.`,
      remedy: "It may have charged for the recording. Retry the batch, or give the recording a file with its words.",
    });
  }
}
