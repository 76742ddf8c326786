import { open, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { collectOutput, type RunEnding } from "@polyreel/platform/process";

/** libheif's decoder: its name from 1.18 on, and before. */
const PROGRAMS = ["heif-dec", "heif-convert"];
/** Fifty megapixels take ten seconds; this allows for a machine ten times slower. */
const PROCESSOR_SECONDS = 120;
const DEADLINE_SECONDS = 900;
const STALL_SECONDS = 60;
/** More than the uncompressed size of the largest accepted picture. */
const FILE_BYTES = 2 ** 31;
const STDOUT_BYTES = 1 << 20;

/** Formats of HEIF files. */
export type HeifFormat = "HEIC" | "AVIF" | "HEIF";

/** Advice for a picture that cannot be read here. */
export const EXPORT = "Export it as JPEG or PNG (iPhones: Settings, Camera, Formats, Most Compatible)";

/**
 * Converts a HEIC or AVIF still to PNG by libheif's program, sandboxed like all programs that read untrusted files:
 * upright, with transparency and ICC profile. Returns its path in `folder`, or undefined if the program is not
 * installed. Throws PolyreelError `invalid` for a file that it cannot decode.
 */
export async function decodeHeif(
  path: string,
  format: HeifFormat,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const ending = await collectOutput({
      program,
      args: [resolve(path), join(resolve(folder), "picture.png")],
      signal,
      deadlineSeconds: DEADLINE_SECONDS,
      stallSeconds: STALL_SECONDS,
      remedies: { late: `${EXPORT}.`, stalled: `${EXPORT}.` },
      bounds: { fileBytes: FILE_BYTES, processorSeconds: PROCESSOR_SECONDS },
      maxStdoutBytes: STDOUT_BYTES,
      tooMuch: () => new PolyreelError("internal", `${program} produces endless output.`),
    });
    if (ending.missing) continue;
    // Several pictures become numbered files.
    const written = (await readdir(folder)).filter((name) => /^picture(-\d+)?\.png$/.test(name)).sort();
    const [first] = written;
    if (ending.code !== 0 || first === undefined) throw undecodable(program, format, ending);
    const png = join(folder, first);
    // It exits successfully even if libpng refuses to write something, such as a damaged profile.
    if (!(await withoutExif(png))) throw undecodable(program, format, ending);
    return png;
  }
  return undefined;
}

/**
 * The picture is upright by now; newer ffmpegs would apply EXIF's orientation in PNG once more. Returns whether there
 * is a picture.
 */
async function withoutExif(png: string): Promise<boolean> {
  const file = await open(png, "r+");
  try {
    const head = Buffer.alloc(8);
    for (let at = 8; ; at += 12 + head.readUInt32BE(0)) {
      const { bytesRead } = await file.read(head, 0, 8, at);
      const kind = head.toString("latin1", 4);
      if (bytesRead < 8 || kind === "IDAT") return kind === "IDAT";
      if (kind !== "eXIf") continue;
      const chunk = Buffer.alloc(4 + head.readUInt32BE(0));
      await file.read(chunk, 0, chunk.length, at + 4);
      chunk.write("exIf", 0, "latin1"); // An unknown chunk type, which readers ignore.
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32(chunk));
      await file.write(Buffer.concat([chunk, sum]), 0, chunk.length + 4, at + 4);
    }
  } finally {
    await file.close();
  }
}

function undecodable(
  program: string,
  format: HeifFormat,
  { code, signal, stderr, stdout }: RunEnding & { stdout: string },
): PolyreelError {
  const cause = new Error(`${program} ended by ${signal ?? `code ${code}`}\n${stderr}\n${stdout.slice(-1000)}`);
  if (/No space left on device/.test(stderr)) {
    return new PolyreelError(
      "exhausted",
      { reason: "The disk is full.", remedy: "Free space in the folder of temporary files." },
      { cause },
    );
  }
  if (signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGINT") {
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError("unavailable", { reason: `${program} was ended by ${signal}.`, remedy }, { cause });
  }
  const reason = `The ${format} picture cannot be decoded: it is damaged, or of a kind that this libheif does not read.`;
  return sourceError({ reason, remedy: `${EXPORT}.` }, { cause });
}
