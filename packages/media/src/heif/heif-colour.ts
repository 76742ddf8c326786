import { open } from "node:fs/promises";

/** The colour description of a HEIC or AVIF still (ISO/IEC 14496-12, 12.1.5). */
export interface HeifColour {
  profile?: Buffer;
  /** By ffmpeg's names, if there is no profile. */
  primaries?: string;
  transfer?: string;
}

/** Descriptions precede the pictures; those of many tiles are long. */
const SEARCHED_BYTES = 1 << 20;

/** H.273, tables 2 and 3: values that are not treated as BT.709. */
const PRIMARIES: Partial<Record<number, string>> = { 9: "bt2020", 11: "smpte431", 12: "smpte432" };
const TRANSFERS: Partial<Record<number, string>> = { 4: "gamma22", 5: "gamma28", 8: "linear", 13: "iec61966-2-1" };

/** The description of the first picture that has one, usually the main picture. */
export async function heifColour(path: string): Promise<HeifColour> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(SEARCHED_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return coloursIn(head.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function coloursIn(head: Buffer): HeifColour {
  const profiled = boxOf(head, "prof") ?? boxOf(head, "rICC");
  if (profiled) return { profile: profiled };
  const tags = boxOf(head, "nclx");
  if (!tags || tags.length < 4) return {};
  const primaries = PRIMARIES[tags.readUInt16BE(0)];
  const transfer = TRANSFERS[tags.readUInt16BE(2)];
  return { ...(primaries && { primaries }), ...(transfer && { transfer }) };
}

/** The content after the kind in a `colr` box. */
function boxOf(head: Buffer, kind: string): Buffer | undefined {
  const at = head.indexOf(`colr${kind}`, 4, "latin1");
  if (at < 0) return undefined;
  return head.subarray(at + 8, at - 4 + head.readUInt32BE(at - 4));
}
