import { create } from "@bufbuild/protobuf";
import { type EngineFailure, EngineFailureSchema, FailureCode, type Voice } from "@polyreel/contract";
import { speaksLanguage } from "@polyreel/media/speech";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { SpeechEngine, VoiceFault } from "./speech-engine.js";

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
  /** Its own, or those of voices of it. */
  readonly failures: readonly EngineFailure[];
  /** It has no voice that may be the default voice, but one that failed may have been it. */
  readonly isUndecided: boolean;
}

/**
 * The voices of one engine. Lists them once, or again after the engine's own time; after a failure, retries after
 * `retryAfterMs`, and the voices listed before stay.
 */
export class EngineVoices {
  #listed: Promise<EngineListing> | undefined;
  #known: readonly Voice[];
  #retryAt = Number.POSITIVE_INFINITY;
  #reported: ReadonlySet<string> = new Set();

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
    const faults: VoiceFault[] = [];
    try {
      const voices = await engine.voices(deadline.signal, (fault) => faults.push(fault));
      if (engine.recall) await this.#remember(voices, deadline.signal);
      this.#known = voices;
      this.#retryAt = performance.now() + (engine.relistAfterMs ?? Number.POSITIVE_INFINITY);
      const isDefault = ({ language }: { readonly language: string }) => mayBeDefault(engine, language);
      const isUndecided = faults.some(isDefault) && !this.#known.some(isDefault);
      return { engine, voices: this.#known, failures: this.#report(faults), isUndecided };
    } catch (thrown) {
      const error = toPolyreelError(deadline.signal.aborted ? deadline.signal.reason : thrown);
      if (error.code === "not_found") return { engine, voices: [], failures: [], isUndecided: false };
      const failure = failureOf(engine, error);
      this.#retryAt = performance.now() + retryAfterMs;
      onFailure?.(failure, error);
      if (this.#known.length === 0) this.#known = await this.#recalled();
      return { engine, voices: this.#known, failures: [failure], isUndecided: true };
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

  /** Each once, though it is found at every listing. */
  #report(faults: readonly VoiceFault[]): EngineFailure[] {
    const failures = faults.map(({ error: { failure } }) =>
      create(EngineFailureSchema, { engine: this.engine.name, failure: { ...failure, code: FailureCode.UNAVAILABLE } }),
    );
    const reported = this.#reported;
    this.#reported = new Set(faults.map(({ error }) => error.failure.reason));
    for (const [i, failure] of failures.entries()) {
      const error = faults[i]?.error;
      if (error && !reported.has(error.failure.reason)) this.options.onFailure?.(failure, error);
    }
    return failures;
  }
}

/** Whether a voice of a language may be the default voice. */
export const mayBeDefault = ({ defaultLanguage }: SpeechEngine, language: string): boolean =>
  defaultLanguage === undefined || speaksLanguage(language, defaultLanguage);

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
