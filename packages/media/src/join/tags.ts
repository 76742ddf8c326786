import type { Combination } from "@polyreel/contract";
import { box, fourcc, fullBox, u32, zeros } from "./boxes.js";

/** Type of a value: UTF-8 text (QuickTime File Format, "well-known types"). */
const UTF8 = 1;

/**
 * Free keys and values of a video: `udta` with a `meta` box of handler `mdta`, whose keys are named and not four letters
 * (QuickTime File Format, "Metadata"). ffprobe, ExifTool and players show them. Sorted, so that the same tags give the
 * same bytes; empty where there are none.
 */
export function tagsBox(tags: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return Buffer.alloc(0);
  const keys = entries.map(([key]) => box("mdta", Buffer.from(key)));
  const values = entries.map(([, value], i) => {
    const data = box("data", u32(UTF8, 0), Buffer.from(value));
    return Buffer.concat([u32(data.length + 8, i + 1), data]);
  });
  return box(
    "udta",
    fullBox(
      "meta",
      0,
      0,
      fullBox("hdlr", 0, 0, u32(0), fourcc("mdta"), zeros(13)),
      fullBox("keys", 0, 0, u32(keys.length), ...keys),
      box("ilst", ...values),
    ),
  );
}

/**
 * What a combination's video says of itself: the batch's name, its id, labels by block, metadata by block and key. It follows
 * from the choices, so it does not travel with each combination.
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
