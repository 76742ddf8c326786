import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArrivedSpeech, SpeakRequest, Speech, SpeechEngine } from "./speech-engine.js";

/** What is known of earlier requests of the same line. */
export interface EarlierRequests {
  /** When the first was sent whose answer did not arrive; undefined if there is none. */
  since(signal: AbortSignal): Promise<Date | undefined>;
  /** Called before each request; the returned function takes it back. */
  mark(): Promise<() => Promise<void>>;
  /** The answer is kept. */
  clear(): Promise<void>;
}

/** Earlier requests, and what receives the error of an engine that can't be asked for their speech. */
export interface Unanswered {
  readonly requests: EarlierRequests;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Speaks a line that costs. If an earlier request may have been charged for and its answer did not arrive, the engine is first
 * asked for the speech that it made then.
 */
export async function speakOrRecover(
  engine: SpeechEngine,
  request: SpeakRequest,
  { requests, onFailure }: Unanswered,
): Promise<Speech> {
  const { charge, keep, signal, tempDir } = request;
  if (!engine.earlier || !charge || !keep) return await engine.speak(request);
  const keepAndClear = async (speech: ArrivedSpeech) => {
    await keep(speech);
    await requests.clear();
  };
  const since = await requests.since(signal);
  const earlier = since && (await engine.earlier(request, since).catch((error: unknown) => void onFailure(error)));
  signal.throwIfAborted();
  if (earlier) {
    await keepAndClear(earlier);
    const path = join(tempDir, "earlier.wav");
    await writeFile(path, earlier.audio, { signal });
    return { path, words: earlier.words };
  }
  const chargeAndMark = async () => {
    const takeBack = await charge();
    const unmark = await requests.mark();
    return async () => {
      await unmark();
      await takeBack();
    };
  };
  return await engine.speak({ ...request, charge: chargeAndMark, keep: keepAndClear });
}
