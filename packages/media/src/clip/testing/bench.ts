import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, type ClipRecipe, ClipRecipeSchema, TransitionRecipeSchema } from "@polyreel/contract";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { type ClipWork, type EncodedClip, encodeClip } from "../encode.js";
import { encodeTransition, type TransitionWork } from "../encode-transition.js";
import { type ClipFormat, formatOf } from "../format.js";
import { decodeClip, type Picture } from "./decode-clip.js";

/** A test folder for making sources and encoding clips from them. */
export interface Bench extends AsyncDisposable {
  at(name: string): string;
  /** Makes a source from a lavfi graph; the extension selects the container. */
  source(name: string, lavfi: string, options?: string[]): Promise<string>;
  /** Encodes and decodes a clip; by default 10 frames of 96x160 at 30 fps, contained on black. */
  clip(path: string, recipe?: RecipeInit, work?: Partial<ClipWork>): Promise<Encoded>;
  /** Encodes and decodes a transition between two clips. */
  transition(
    recipe: { kind: string; color?: string; from: RecipeInit; to: RecipeInit },
    work: Pick<TransitionWork, "from" | "to"> & Partial<TransitionWork>,
  ): Promise<Encoded>;
  /** Files that the encoder has left behind. */
  leftovers(): Promise<string[]>;
}

export type RecipeInit = Partial<Omit<ClipRecipe, "$typeName" | "$unknown" | "format">> & { format?: ClipFormat };

export interface Encoded {
  payload: Buffer;
  index: ClipIndex;
  pictures: Picture[];
}

export const canvas = formatOf({ width: 96, height: 160, frameRate: 30 });
const signal = new AbortController().signal;

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-clip-"));
  const tempDir = await mkdtemp(join(tmpdir(), "polyreel-clip-temp-"));
  const at = (name: string) => join(folder, name);
  return {
    at,
    async source(name, lavfi, options = []) {
      const outputs = [{ file: at(name), options }];
      const bounds = { signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 };
      await runFfmpeg({ inputs: [{ lavfi }], outputs, ...bounds });
      return at(name);
    },
    async clip(sourcePath, recipe, work = {}) {
      return decoded(await encodeClip(whole(recipe), { sourcePath, signal, tempDir, ...work }));
    },
    async transition({ from, to, ...recipe }, work) {
      const init = create(TransitionRecipeSchema, { ...recipe, from: whole(from), to: whole(to) });
      return decoded(await encodeTransition(init, { signal, tempDir, ...work }));
    },
    leftovers: () => readdir(tempDir),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      await rm(tempDir, { recursive: true, force: true });
    },
  };
}

const whole = (recipe: RecipeInit = {}): ClipRecipe =>
  create(ClipRecipeSchema, { format: canvas, fit: "contain", frames: 10, ...recipe });

async function decoded({ payloadPath, index }: EncodedClip): Promise<Encoded> {
  const payload = await readFile(payloadPath);
  await rm(payloadPath);
  return { payload, index, pictures: await decodeClip(payload, index) };
}
