import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { JoinedInput } from "@polyreel/contract";
import { type ClipPart, type Layout, layOut, layOutSound, lostOutput, writeLayout } from "@polyreel/media/join";
import type { MediaFile } from "@polyreel/media/operations";
import { probe } from "@polyreel/media/probe";
import type { Workshop } from "../workshop.js";

/**
 * The join of clips and their soundtrack as a file, or the soundtrack alone; removed when it is disposed of. Throws
 * `unavailable` if a part is lost.
 */
export async function writeJoin(
  { clipHashes, soundHash }: Pick<JoinedInput, "clipHashes" | "soundHash">,
  { parts, tempDir, signal }: Workshop,
): Promise<MediaFile & AsyncDisposable> {
  const clips: ClipPart[] = [];
  for (const hash of clipHashes) {
    clips.push({ hash, index: (await parts.describe("clip", hash)) ?? lostOutput("clip") });
  }
  const sound = soundHash
    ? { hash: soundHash, index: (await parts.describe("sound", soundHash)) ?? lostOutput("soundtrack") }
    : undefined;
  const layout = clips.length === 0 && sound ? layOutSound(sound) : layOut(clips, sound);
  const { path, [Symbol.asyncDispose]: remove } = await writeFile(layout, { parts, tempDir, signal });
  try {
    return { path, probe: await probe(path, { signal }), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A layout as a file; removed when it is disposed of. */
export async function writeFile(
  layout: Layout,
  { parts, tempDir, signal }: Pick<Workshop, "parts" | "tempDir" | "signal">,
): Promise<{ path: string } & AsyncDisposable> {
  const path = join(tempDir, `${randomUUID()}.mp4`);
  await writeLayout(layout, parts, path, { signal });
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
