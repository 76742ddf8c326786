import { createHash } from "node:crypto";
import type { Layout } from "@polyreel/media/join";
import type { PartStore } from "@polyreel/parts";

/**
 * What fixes every byte of a layout, as hexadecimal digits: its header, and the ranges of parts and files with the SHA-256 of
 * each. Hashing the video itself would take several times as long as writing it.
 */
export async function contentOf({ header, segments }: Layout, parts: PartStore): Promise<string> {
  const payloads = new Map<string, string>();
  for (const { kind, hash } of segments) {
    if (payloads.has(hash)) continue;
    payloads.set(hash, kind === "file" ? hash : ((await parts.index(kind, hash))?.payloadSha256 ?? hash));
  }
  const ranges = segments.map(({ hash, start, end }) => `${payloads.get(hash)} ${start} ${end}\n`).join("");
  return createHash("sha256").update(header).update(ranges).digest("hex");
}
