import type { Combination } from "@polyreel/contract";
import { type Box, box, bytesOf, fourcc, fullBox, u32, zeros } from "./boxes.js";

/** Type of a value: UTF-8 text (QuickTime File Format, "well-known types"). */
const UTF8 = 1;

const text = (value: string): Box => box("data", u32(UTF8, 0), Buffer.from(value));

/**
 * Free keys and values of a video: `udta` with a `meta` box of handler `mdta`, which has named keys instead of four
 * letters (QuickTime File Format, "Metadata"). ffprobe, ExifTool and players show them. Sorted, so that the same tags
 * give the same bytes; empty if there are none.
 */
export function tagsBox(tags: Readonly<Record<string, string>>): Box[] {
  const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const keys = entries.map(([key]) => box("mdta", Buffer.from(key)));
  const values = entries.map(([, value], i) => {
    const data = text(value);
    return bytesOf(u32(data.sizeBytes + 8, i + 1), data);
  });
  const meta = [
    fullBox("hdlr", 0, 0, u32(0), fourcc("mdta"), zeros(13)),
    fullBox("keys", 0, 0, u32(keys.length), ...keys),
    box("ilst", ...values),
  ];
  return [box("udta", fullBox("meta", 0, 0, ...meta))];
}

/**
 * The same for audio files, in the form that music players read: an `ilst` of handler `mdir`, in which the title has
 * its own item and other keys are free-form items (`----`). ffprobe shows both by name.
 */
export function soundTagsBox(tags: Readonly<Record<string, string>>): Box[] {
  const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const items = entries.map(([key, value]) => {
    if (key === "title") return box("\u00a9nam", text(value));
    const mean = fullBox("mean", 0, 0, Buffer.from("com.apple.iTunes"));
    return box("----", mean, fullBox("name", 0, 0, Buffer.from(key)), text(value));
  });
  const meta = [fullBox("hdlr", 0, 0, u32(0), fourcc("mdirappl"), zeros(9)), box("ilst", ...items)];
  return [box("udta", fullBox("meta", 0, 0, ...meta))];
}

/**
 * Tags of a combination's video: the batch's name, its id, labels by block, metadata by block and key. Derived from the
 * choices, so they need not be stored with each combination.
 */
export function tagsOf({
  title,
  id,
  choices,
  metadata,
}: Pick<Combination, "title" | "id" | "choices" | "metadata">): Record<string, string> {
  const labels = Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));
  return { ...(title && { title }), polyreel_combination: id, ...labels, ...metadata };
}
