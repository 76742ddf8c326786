import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { cancelled } from "@polyreel/platform/process";
import { PiperEngine } from "./piper.js";
import type { PiperModel } from "./piper-model.js";

/** Loading and speaking take some seconds. */
const DEADLINE_MS = 120_000;
/** Quieter speech, relative to full scale, is none. */
const SILENCE = 0.005;
const WAV_HEADER_BYTES = 44;

/** Speaks some words with the only model in a folder. Throws PolyreelError `precondition` if they do not become sound. */
export async function tryModel(
  folder: string,
  { name, config }: PiperModel,
  { signal, tempDir }: { readonly signal: AbortSignal; readonly tempDir: string },
): Promise<void> {
  const piper = new PiperEngine({ path: folder, isStated: true });
  const tooSlow = new PolyreelError("precondition", {
    reason: `The model ${name} took longer than ${DEADLINE_MS / 1000} s to speak a few words.`,
    remedy: "Use another voice.",
  });
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooSlow), DEADLINE_MS);
  const both = AbortSignal.any([signal, deadline.signal]);
  try {
    const [first] = await piper.voices(both);
    const request = { voice: first?.name ?? name, text: sampleFor(config.ids.keys(), config.espeakVoice), rate: 1 };
    const { path } = await piper.speak({ ...request, pitch: 0, signal: both, tempDir });
    if (loudestOf(await readFile(path)) < SILENCE) throw silent(name);
  } catch (error) {
    throw both.aborted ? cancelled(both) : error;
  } finally {
    clearTimeout(timer);
    await piper.close();
  }
}

/** Numbers, which espeak-ng reads in every language; letters that a model knows which reads letters. */
function sampleFor(known: Iterable<string>, espeakVoice: string | undefined): string {
  if (espeakVoice !== undefined) return "1, 2, 3.";
  return [...known]
    .filter((one) => /^\p{L}$/u.test(one))
    .slice(0, 10)
    .join("");
}

function loudestOf(wav: Buffer): number {
  let loudest = 0;
  for (let at = WAV_HEADER_BYTES; at + 1 < wav.length; at += 2)
    loudest = Math.max(loudest, Math.abs(wav.readInt16LE(at)));
  return loudest / 32_768;
}

const silent = (name: string): PolyreelError =>
  new PolyreelError("precondition", { reason: `The model ${name} speaks only silence.`, remedy: "Use another voice." });
