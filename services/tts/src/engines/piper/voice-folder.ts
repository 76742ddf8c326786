import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { isAbsent, makeOwnFolder, removeLeftFolders, systemCode } from "@polyreel/platform/files";
import { cancelled } from "@polyreel/platform/process";
import type { PiperFolder } from "../voices-config.js";
import { licenceOf, MODEL_CARD } from "./licence.js";
import { CONFIG_ENDING, MODEL_ENDING, ModelHashes, type PiperModel, readModel } from "./piper-model.js";
import { shortNameOf, voicesOf } from "./piper-voices.js";
import { tryModel } from "./try-model.js";

/** A card is shown and kept up to this size. */
export const MAX_CARD_BYTES = 1 << 16;
/** Ending of a kept card. */
const CARD_ENDING = `${MODEL_ENDING}.${MODEL_CARD}`;

/** Beginning of the names of folders of voices that are being added. */
const TEMPORARY = ".adding-";

export interface AddedVoice {
  readonly model: PiperModel;
  /** Names of its voices. */
  readonly voices: readonly string[];
  /** Undefined if it is unknown. */
  readonly licence: string | undefined;
}

interface Adding {
  /** Writes `<name>.onnx`, its configuration, and a card if there is one, to a folder. */
  readonly bring: (folder: string) => Promise<void>;
  /** That the model must have; any by default. */
  readonly sha256?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Adds a voice to the folder, at once or not at all, after trying it. Throws PolyreelError: `invalid` for another checksum,
 * `conflict` if there is another voice of the name, `precondition` for what is no model or cannot be tried or written.
 */
export async function addVoice({ path: folder }: PiperFolder, name: string, adding: Adding): Promise<AddedVoice> {
  const { bring, sha256, signal } = adding;
  const hashes = new ModelHashes();
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw notWritable(folder, error);
  });
  await removeLeftFolders(folder, TEMPORARY);
  const own = await makeOwnFolder(folder, TEMPORARY).catch((error: unknown) => {
    throw notWritable(folder, error);
  });
  const temporary = own.path;
  try {
    await bring(temporary);
    const model = await readModel(temporary, name, { hashes, signal });
    if (sha256 !== undefined && model.sha256 !== sha256.toLowerCase()) throw otherChecksum(model, sha256);
    await assertFree(folder, model, { hashes, signal });
    await tryModel(temporary, model, { signal, tempDir: temporary });
    if (signal.aborted) throw cancelled(signal);
    const licence = licenceOf(await readCard(join(temporary, MODEL_CARD)));
    const move = (from: string, to: string) => rename(join(temporary, from), join(folder, to));
    await move(MODEL_CARD, name + CARD_ENDING).catch(() => {}); // There may be none.
    await move(name + CONFIG_ENDING, name + CONFIG_ENDING);
    // The last one: a listing never finds half of a voice.
    await move(name + MODEL_ENDING, name + MODEL_ENDING);
    const voices = voicesOf([model], { runtime: "", espeak: "" }).map(({ voice }) => voice.name);
    return { model: { ...model, path: join(folder, name + MODEL_ENDING) }, voices, licence };
  } finally {
    await own.close();
  }
}

/** Removes a voice by the name of its model, or by its short name if only one has it; returns the model's name. Throws PolyreelError `not_found`. */
export async function removeVoice({ path: folder }: PiperFolder, name: string): Promise<string> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw notWritable(folder, error);
  });
  const names = files.flatMap((file) => (file.endsWith(MODEL_ENDING) ? [file.slice(0, -MODEL_ENDING.length)] : []));
  const short = names.filter((one) => shortNameOf(one) === name);
  const [found] = names.includes(name) ? [name] : short.length === 1 ? short : [];
  if (found === undefined) {
    const there = names.length > 0 ? ` There are ${names.sort().join(", ")}.` : "";
    const remedy = `\`polyreel voices --engine piper\` lists them.${there}`;
    throw new PolyreelError("not_found", { reason: `There is no voice "${name}" in ${folder}.`, remedy });
  }
  // The model first: without it, the others are nothing.
  for (const ending of [MODEL_ENDING, CONFIG_ENDING, CARD_ENDING]) {
    await rm(join(folder, found + ending), { force: true }).catch((error: unknown) => {
      throw notWritable(folder, error);
    });
  }
  return found;
}

async function assertFree(
  folder: string,
  { name, sha256, configSha256 }: PiperModel,
  io: Parameters<typeof readModel>[2],
): Promise<void> {
  if (!(await readdir(folder)).includes(name + MODEL_ENDING)) return;
  const there = await readModel(folder, name, io).catch(() => undefined);
  if (there?.sha256 === sha256 && there.configSha256 === configSha256) return;
  const reason = `There is another voice ${name} already.`;
  throw new PolyreelError("conflict", { reason, remedy: `Remove it first: \`polyreel voices remove ${name}\`.` });
}

async function readCard(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_CARD_BYTES), 0, MAX_CARD_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return "";
  }
}

const otherChecksum = ({ name, sha256 }: PiperModel, expected: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${name}${MODEL_ENDING} has the SHA-256 ${sha256}, not ${expected}.`,
    remedy: "Get it again, and see that the checksum is that of this file.",
  });

const notWritable = (folder: string, error: unknown): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `The folder of voices, ${folder}, can't be written (${systemCode(error) ?? "unknown error"}).`,
    remedy: "Set POLYREEL_PIPER_VOICES to a folder that you may write.",
  });
