import { create } from "@bufbuild/protobuf";
import { type EngineFailure, EngineFailureSchema, FailureCode, type Voice } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { SpeechEngine } from "./speech-engine.js";

/** Programs list their voices in a tenth of a second; one that hangs must not keep the others' voices from callers. */
const DEADLINE_SECONDS = 15;
/** An engine that failed is asked again, but not for every line that is spoken. */
const ASK_AGAIN_MS = 60_000;

export interface ListingOptions {
  readonly deadlineSeconds?: number;
  readonly askAgainMs?: number;
  /** Called each time an engine fails to list its voices. */
  readonly onFailure?: (failure: EngineFailure, error: PolyreelError) => void;
}

/** What one engine lists: its voices, none where it is not installed; or why it could not list them. */
export interface EngineListing {
  readonly engine: SpeechEngine;
  readonly voices: readonly Voice[];
  readonly failure?: EngineFailure;
}

/** The voices of one engine. It is asked once; after a failure, again at the earliest after `askAgainMs`. */
export class EngineVoices {
  #listed: Promise<EngineListing> | undefined;
  #askAgainAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly engine: SpeechEngine,
    private readonly options: ListingOptions,
  ) {}

  /** Never rejects: an engine that fails, fails alone. */
  list(): Promise<EngineListing> {
    if (performance.now() >= this.#askAgainAt) this.forget();
    this.#listed ??= this.#ask();
    return this.#listed;
  }

  /** Asks the engine again next time. */
  forget(): void {
    this.#listed = undefined;
    this.#askAgainAt = Number.POSITIVE_INFINITY;
  }

  async #ask(): Promise<EngineListing> {
    const { engine } = this;
    const { deadlineSeconds = DEADLINE_SECONDS, askAgainMs = ASK_AGAIN_MS, onFailure } = this.options;
    // No caller's signal: the list is everybody's.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(tooSlow(engine, deadlineSeconds)), deadlineSeconds * 1000);
    try {
      return { engine, voices: await engine.voices(deadline.signal) };
    } catch (thrown) {
      const error = toPolyreelError(thrown);
      if (error.code === "not_found") return { engine, voices: [] };
      const failure = failureOf(engine, error);
      this.#askAgainAt = performance.now() + askAgainMs;
      onFailure?.(failure, error);
      return { engine, voices: [], failure };
    } finally {
      clearTimeout(timer);
    }
  }
}

const tooSlow = ({ name }: SpeechEngine, seconds: number): PolyreelError =>
  new PolyreelError("exhausted", `${name} took longer than ${seconds} s`);

function failureOf({ name }: SpeechEngine, error: PolyreelError): EngineFailure {
  // The cause of a program's failure names its exit code or signal, then what it printed, which is for the log.
  const [cause] = error.cause instanceof Error ? error.cause.message.split("\n") : [];
  const why = (cause || error.failure.reason).replace(/\.$/, "");
  return create(EngineFailureSchema, {
    engine: name,
    failure: {
      code: FailureCode.UNAVAILABLE,
      reason: `${name} failed to list its voices: ${why}.`,
      remedy: `Reinstall ${name} where the speech service runs, or use voices of another engine.`,
    },
  });
}
