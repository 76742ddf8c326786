import { copyFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FailureCode } from "@polyreel/contract";
import { DEFAULT_LIMITS, fetchFile } from "@polyreel/planner/fetch";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { admissionOf, VOICES } from "@polyreel/platform/web";
import {
  CONFIG_ENDING,
  MAX_CARD_BYTES,
  MAX_CONFIG_BYTES,
  MAX_MODEL_BYTES,
  MODEL_CARD,
  MODEL_ENDING,
} from "@polyreel/tts/engines";
import { formatBytes } from "../terminal/numbers.js";

/** Where the files of a voice come from. */
export interface VoiceFiles {
  /** Of the model, without its ending. */
  readonly name: string;
  /** Writes the model, its configuration, and its card if there is one, to a folder. `onBytes`: of the model so far. */
  bring(folder: string, io: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void }): Promise<void>;
}

/** Files beside each other in a folder. `path`: of the model. Throws PolyreelError `invalid`, or `not_found` for a missing file. */
export function localFiles(path: string): VoiceFiles {
  const name = nameOf(basename(path));
  const copy = async (from: string, to: string, maxBytes: number) => {
    const source = join(dirname(path), from);
    const found = await stat(source).catch((error: unknown) => {
      throw unreadable(source, error);
    });
    if (!found.isFile() || found.size > maxBytes) throw noVoiceFile(source, maxBytes);
    await copyFile(source, to).catch((error: unknown) => {
      throw unreadable(source, error);
    });
  };
  return {
    name,
    async bring(folder) {
      await copy(name + CONFIG_ENDING, join(folder, name + CONFIG_ENDING), MAX_CONFIG_BYTES);
      await copy(name + MODEL_ENDING, join(folder, name + MODEL_ENDING), MAX_MODEL_BYTES);
      await copy(MODEL_CARD, join(folder, MODEL_CARD), MAX_CARD_BYTES).catch(() => {}); // There may be none.
    },
  };
}

/** Files beside each other at https addresses; `allow`: inner networks and hosts that may be reached. Throws PolyreelError `invalid`. */
export function remoteFiles(address: string, allow: string): VoiceFiles {
  const url = new URL(address);
  const path = decodeURIComponent(url.pathname);
  const name = nameOf(path.slice(path.lastIndexOf("/") + 1));
  const admission = admissionOf(allow, VOICES);
  return {
    name,
    async bring(folder, { signal, onBytes }) {
      const fetch = async (
        from: (pathname: string) => string,
        to: string,
        maxBytes: number,
        on = (_: number) => {},
      ) => {
        const at = new URL(url);
        at.pathname = from(url.pathname);
        const limits = { ...DEFAULT_LIMITS, maxBytes };
        await fetchFile(at.href, join(folder, to), { admission, limits, signal, onBytes: on }).catch(
          (error: unknown) => {
            throw error instanceof PolyreelError && error.code === "invalid" ? unfetched(error) : error;
          },
        );
      };
      // The small one first: an address without it is no voice's.
      await fetch((model) => `${model}.json`, name + CONFIG_ENDING, MAX_CONFIG_BYTES);
      await fetch((model) => model, name + MODEL_ENDING, MAX_MODEL_BYTES, onBytes);
      await fetch((model) => model.replace(/[^/]*$/, MODEL_CARD), MODEL_CARD, MAX_CARD_BYTES).catch(() => {
        signal.throwIfAborted(); // There may be none.
      });
    },
  };
}

function nameOf(file: string): string {
  const name = file.endsWith(MODEL_ENDING) ? file.slice(0, -MODEL_ENDING.length) : "";
  if (/^[\p{L}\p{N}]/u.test(name)) return name;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(file)} is no model's file.`,
    remedy: `Give the file that ends in ${MODEL_ENDING}; ${CONFIG_ENDING} of the same name must be beside it.`,
  });
}

function unreadable(path: string, error: unknown): PolyreelError {
  const code = systemCode(error) ?? "unknown error";
  const isMissing = code === "ENOENT";
  const remedy = path.endsWith(CONFIG_ENDING)
    ? `Put the configuration, ${CONFIG_ENDING}, beside the model: the voice's publisher offers both.`
    : "Check the path.";
  const reason = isMissing ? `There is no file ${path}.` : `${path} can't be copied (${code}).`;
  return new PolyreelError(isMissing ? "not_found" : "precondition", { reason, remedy }, { cause: error });
}

const noVoiceFile = (path: string, maxBytes: number): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${path} is no file of a voice: it is no plain file, or has more than ${formatBytes(maxBytes)}.`,
    remedy: "Check the path.",
  });

const OF_SOURCES: ReadonlySet<FailureCode | undefined> = new Set([
  FailureCode.SOURCE_INVALID,
  FailureCode.SOURCE_UNAVAILABLE,
]);

/** The remedies of sources that cannot be fetched do not fit; those of refused addresses do. */
function unfetched(error: PolyreelError): PolyreelError {
  if (!OF_SOURCES.has(error.failure.code)) return error;
  return new PolyreelError("invalid", {
    reason: error.failure.reason,
    remedy: `Check the address, or download it and the ${CONFIG_ENDING} beside it, and add them from a folder.`,
  });
}
