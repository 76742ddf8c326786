import { stat } from "node:fs/promises";
import type { ImageJob, ImageSettings } from "../image-job.js";
import type { Image } from "./library.js";
import { Refusal } from "./refusal.js";

/** Defaults of sharp, which are those of common services. */
const QUALITY = { jpeg: 80, webp: 80, avif: 50, png: 100 } as const;
/** Below, images are unusable. */
const LOWEST_QUALITY = 10;

type Encoding = Pick<ImageSettings, "format" | "quality" | "lossless" | "progressive" | "maxBytes">;

/** A written file. */
interface Written {
  /** 0: lossless. */
  readonly quality: number;
  readonly sizeBytes: number;
}

/**
 * Encodes an image into a file. With a limit for its size, the highest quality that meets it is found by bisection, in at
 * most eight tries. `image` gives the same image for each try.
 */
export async function encodeInto(output: string, image: () => Image, encoding: Encoding): Promise<Written> {
  const { maxBytes } = encoding;
  const write = (quality: number) => writeAt(output, image(), encoding, quality);
  const most = firstQuality(encoding);
  const first = await write(most);
  if (maxBytes === 0 || first.sizeBytes <= maxBytes) return first;
  let low = LOWEST_QUALITY;
  // A lossless PNG is followed by palettes.
  let high = most === 0 ? QUALITY[encoding.format] : most - 1;
  let best: Written | undefined;
  let last = first;
  while (low <= high) {
    // The lowest first: it shows whether the limit can be met at all.
    const quality = best === undefined ? LOWEST_QUALITY : Math.ceil((low + high) / 2);
    last = await write(quality);
    if (last.sizeBytes <= maxBytes) {
      best = last;
      low = quality + 1;
    } else if (best === undefined) break;
    else high = quality - 1;
  }
  if (!best) throw tooLarge(last, maxBytes);
  return last.quality === best.quality ? best : write(best.quality);
}

/** Of the first try; 0: lossless. */
function firstQuality({ format, quality, lossless }: Encoding): number {
  if (lossless || (format === "png" && quality === 0)) return 0;
  return quality || QUALITY[format];
}

async function writeAt(output: string, image: Image, encoding: Encoding, quality: number): Promise<Written> {
  await encoded(image, encoding, quality).toFile(output);
  return { quality, sizeBytes: (await stat(output)).size };
}

function encoded(image: Image, { format, progressive }: Encoding, quality: number): Image {
  const lossless = quality === 0;
  switch (format) {
    case "jpeg":
      return image.jpeg({ quality, progressive });
    case "png":
      return image.png(lossless ? { progressive } : { progressive, palette: true, quality });
    case "webp":
      return image.webp(lossless ? { lossless } : { quality });
    case "avif":
      return image.avif(lossless ? { lossless } : { quality });
  }
}

const tooLarge = ({ sizeBytes, quality }: Written, maxBytes: ImageJob["settings"]["maxBytes"]): Refusal =>
  new Refusal({
    code: "invalid",
    field: "maxBytes",
    reason: `The result has ${sizeBytes} bytes even ${quality ? `at quality ${quality}` : "without loss"}, more than the ${maxBytes} asked.`,
    remedy: "Allow more, or make it smaller by its width or height.",
  });
