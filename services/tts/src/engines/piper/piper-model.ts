import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { digestBytes, digestFile, systemCode } from "@polyreel/platform/files";
import { MAX_CONFIG_BYTES, type PiperConfig, parsePiperConfig } from "./piper-config.js";

/** A model in the folder of voices: `<name>.onnx`, with its configuration beside it. */
export interface PiperModel {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of the model. */
  readonly sha256: string;
  /** SHA-256 of its configuration. */
  readonly configSha256: string;
  readonly config: PiperConfig;
}

export const MODEL_ENDING = ".onnx";
export const CONFIG_ENDING = ".onnx.json";
/** Piper's largest models have 115 MB. */
export const MAX_MODEL_BYTES = 512 << 20;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._+-]{0,59}$/u;

/** Remembers the hashes of models, by what changes with their bytes. */
export class ModelHashes {
  readonly #known = new Map<string, { readonly state: string; readonly sha256: string }>();

  async of(path: string, signal: AbortSignal): Promise<string> {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    const state = [size, mtimeMs, ctimeMs, ino].join(" ");
    const known = this.#known.get(path);
    if (known?.state === state) return known.sha256;
    const { sha256 } = await digestFile(path, signal);
    this.#known.set(path, { state, sha256 });
    return sha256;
  }
}

/**
 * Reads a model's configuration, and hashes both files. Throws PolyreelError `precondition` if it cannot be a model, with a reason
 * that names its file.
 */
export async function readModel(
  folder: string,
  name: string,
  { hashes, signal }: { readonly hashes: ModelHashes; readonly signal: AbortSignal },
): Promise<PiperModel> {
  const path = join(folder, name + MODEL_ENDING);
  try {
    if (!NAME.test(name)) throw unusable("Its name has other signs than letters, digits and . _ + -, or too many.");
    const { size: sizeBytes } = await regularFile(path, MAX_MODEL_BYTES, "It");
    const text = await readConfig(join(folder, name + CONFIG_ENDING));
    const config = parsePiperConfig(text);
    const configSha256 = digestBytes(Buffer.from(text)).sha256;
    return { name, path, sizeBytes, sha256: await hashes.of(path, signal), configSha256, config };
  } catch (error) {
    signal.throwIfAborted();
    throw namingFile(name + MODEL_ENDING, error);
  }
}

async function readConfig(path: string): Promise<string> {
  await regularFile(path, MAX_CONFIG_BYTES, `Its configuration, ${CONFIG_ENDING},`).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw unusable(`The file ${CONFIG_ENDING} of the same name is missing beside it.`);
  });
  return readFile(path, "utf8");
}

async function regularFile(path: string, maxBytes: number, what: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw unusable(`${what} is no file.`);
  if (found.size > maxBytes) throw unusable(`${what} is larger than ${maxBytes >> 20} MiB.`);
  return found;
}

const unusable = (reason: string): PolyreelError =>
  new PolyreelError("precondition", { reason, remedy: "Get the model and its .onnx.json again, or remove it." });

function namingFile(file: string, error: unknown): PolyreelError {
  if (error instanceof PolyreelError) {
    const { reason, remedy } = error.failure;
    return new PolyreelError(error.code, { reason: `The voice ${file} can't be used: ${reason}`, remedy });
  }
  const reason = `The voice ${file} can't be read (${systemCode(error) ?? "unknown error"}).`;
  return new PolyreelError("precondition", { reason, remedy: "See that the speech service may read it." });
}
