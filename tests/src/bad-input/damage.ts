import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";

// Files as left by interrupted downloads, full disks and wrong choices.

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 };

/** Writes a file into `folder`; returns its path. */
export async function write(folder: string, name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** The first part of a file, as a file. */
export async function cut(path: string, fraction: number): Promise<string> {
  const bytes = await readFile(path);
  const cutPath = path.replace(/(\.\w+)$/, "-cut$1");
  await writeFile(cutPath, bytes.subarray(0, Math.floor(bytes.length * fraction)));
  return cutPath;
}

/** Remuxes media into another container, selected by the extension. */
export async function remade(path: string, name: string, options: readonly string[]): Promise<string> {
  const file = join(path, "..", name);
  await runFfmpeg({ ...bounds, inputs: [{ file: path }], outputs: [{ file, options }] });
  return file;
}

/** A picture. */
export async function makeStill(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const inputs = [{ lavfi: "testsrc2=size=160x90:rate=1" }];
  await runFfmpeg({ ...bounds, inputs, outputs: [{ file, options: ["-frames:v", "1", "-update", "1"] }] });
  return file;
}

/**
 * An MP4 whose first track claims to be `seconds` long: its time scale is set to 1, and the duration of the track and
 * of each of its samples accordingly (ISO/IEC 14496-12: mdhd 8.4.2 and stts 8.6.1.2, version 0).
 */
export async function claimingLength(path: string, name: string, seconds: number): Promise<string> {
  const bytes = await readFile(path);
  const mdhd = bytes.indexOf("mdhd");
  bytes.writeUInt32BE(1, mdhd + 16);
  bytes.writeUInt32BE(seconds, mdhd + 20);
  const stts = bytes.indexOf("stts");
  const samples = bytes.readUInt32BE(stts + 12);
  bytes.writeUInt32BE(Math.floor(seconds / samples), stts + 16);
  bytes.write("free", bytes.indexOf("edts"), "latin1"); // Its edit list has the real duration.
  return write(join(path, ".."), name, bytes);
}

/** A hash that no source in the store has. */
export const unknownHash = (name: string): string => createHash("sha256").update(name).digest("hex");
