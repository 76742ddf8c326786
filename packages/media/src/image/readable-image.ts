import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type PolyreelError, sourceError } from "@polyreel/platform";
import { decodeHeif } from "../heif/decode-heif.js";
import { sniffFile } from "../probe/sniff-file.js";

/** A file that the program for images reads: a PNG in place of HEIC, which it cannot decode. */
export async function readableImage(path: string, tempDir: string, signal: AbortSignal): Promise<string> {
  const sniffed = await sniffFile(path);
  switch (sniffed.kind) {
    case "gif":
    case "animatedWebp":
      return path;
    case "still":
      if (sniffed.demuxer === "bmp_pipe") throw noImage("a BMP", "Save it as PNG first.");
      return path;
    case "heif": {
      if (sniffed.format === "AVIF") return path;
      const folder = await mkdtemp(join(tempDir, "heif-"));
      const decoded = await decodeHeif(path, sniffed.format, { folder, signal });
      if (decoded) return decoded;
      throw sourceError({
        reason: `The file is a picture in ${sniffed.format}, which cannot be decoded here.`,
        remedy: "Export it as JPEG or PNG, or install libheif's heif-dec or heif-convert.",
      });
    }
    case "unknown":
      // An animated PNG is sniffed as such; a video is refused before.
      return path;
    default:
      throw noImage("no image", "Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.");
  }
}

const noImage = (what: string, remedy: string): PolyreelError =>
  sourceError({ reason: `The file is ${what}.`, remedy });
