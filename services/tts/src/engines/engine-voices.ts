import { create } from "@bufbuild/protobuf";
import { type EngineFailure, EngineFailureSchema, FailureCode, type Voice } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { SpeechEngine } from "./speech-engine.js";

/** Programs list their voices in a tenth of a second; a hanging one must not block the voices of others. */
const DEADLINE_SECONDS = 15;
/** Delay before a failed engine is retried: not for every spoken line. */
const RETRY_AFTER_MS = 60_000;
/** The store is near. */
const RECALL_MS = 5_000;

export interface ListingOptions {
  readonly deadlineSeconds?: number;
  readonly retryAfterMs?: number;
  /** Called each time an engine fails to list its voices. */
  readonly onFailure?: (failure: EngineFailure, error: PolyreelError) => void;
  /** For engines that can `recall` voices. */
  readonly memory?: ListingMemory | undefined;
}

/** What an engine listed last, across restarts. */
export interface ListingMemory {
  /** Undefined if it never listed any. */
  read(engine: string, signal: AbortSignal): Promise<readonly Voice[] | undefined>;
  write(engine: string, voices: readonly Voice[], signal: AbortSignal): Promise<void>;
}

/** Voices of one engine, none if it is not installed; of one that failed, those that are known. */
export interface EngineListing {
  readonly engine: SpeechEngine;
  readonly voices: readonly Voice[];
  readonly failure?: EngineFailure;
}

/**
 * The voices of one engine. Lists them once, or again after the engine's own time; after a failure, retries after
 * `retryAfterMs`, and the voices listed before stay.
 */
export class EngineVoices {
  #listed: Promise<EngineListing> | undefined;
  #known: readonly Voice[];
  #retryAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly engine: SpeechEngine,
    private readonly options: ListingOptions,
  ) {
    this.#known = engine.known ?? [];
  }

  /** Never rejects: a failing engine does not affect others. */
  list(): Promise<EngineListing> {
    if (performance.now() >= this.#retryAt) this.forget();
    this.#listed ??= this.#listNow();
    return this.#listed;
  }

  /** Makes the next call of `list` run the engine again. */
  forget(): void {
    this.#listed = undefined;
    this.#retryAt = Number.POSITIVE_INFINITY;
  }

  async #listNow(): Promise<EngineListing> {
    const { engine } = this;
    const { deadlineSeconds = DEADLINE_SECONDS, retryAfterMs = RETRY_AFTER_MS, onFailure } = this.options;
    // Without a caller's signal: the listing is shared.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(tooSlow(engine, deadlineSeconds)), deadlineSeconds * 1000);
    try {
      const voices = await engine.voices(deadline.signal);
      if (engine.recall) await this.#remember(voices, deadline.signal);
      this.#known = voices;
      this.#retryAt = performance.now() + (engine.relistAfterMs ?? Number.POSITIVE_INFINITY);
      return { engine, voices: this.#known };
    } catch (thrown) {
      const error = toPolyreelError(thrown);
      if (error.code === "not_found") return { engine, voices: [] };
      const failure = failureOf(engine, error);
      this.#retryAt = performance.now() + retryAfterMs;
      onFailure?.(failure, error);
      if (this.#known.length === 0) this.#known = await this.#recalled();
      return { engine, voices: this.#known, failure };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its voices are usable without being remembered. */
  async #remember(voices: readonly Voice[], signal: AbortSignal): Promise<void> {
    await this.options.memory?.write(this.engine.name, voices, signal).catch(() => {});
  }

  async #recalled(): Promise<readonly Voice[]> {
    const { engine } = this;
    const signal = AbortSignal.timeout(RECALL_MS);
    const voices = await this.options.memory?.read(engine.name, signal).catch(() => undefined);
    return engine.recall?.(voices ?? []) ?? [];
  }
}

const tooSlow = ({ name }: SpeechEngine, seconds: number): PolyreelError =>
  new PolyreelError("exhausted", `${name} took longer than ${seconds} s`);

function failureOf({ name }: SpeechEngine, error: PolyreelError): EngineFailure {
  // The first line of the cause is the exit code or signal; the rest is the program's output, which is only for the
  // log.
  const [cause] = error.cause instanceof Error ? error.cause.message.split("\n") : [];
  const why = (cause || error.failure.reason).replace(/\.$/, "");
  return create(EngineFailureSchema, {
    engine: name,
    failure: {
      code: FailureCode.UNAVAILABLE,
      reason: `${name} failed to list its voices: ${why}.`,
      // That of a program's crash is its log.
      remedy:
        (error.code !== "internal" && error.failure.remedy) ||
        `Reinstall ${name} where the speech service runs, or use voices of another engine.`,
    },
  });
}
