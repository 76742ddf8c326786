import { rm } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import type { OperationWork } from "../operations/media-file.js";
import type { Probe } from "../probe/parse.js";
import { decodePcm } from "../sound/decode.js";
import type { Measured } from "../sound/soundtrack-meter.js";
import { measurePcm } from "./master-pcm.js";

/** Half of it is for the gain, half for the codec. */
const TOLERANCE_LU = 1;

/** Measures a finished file as it is played. Throws PolyreelError `internal` if it is not near the loudness asked for. */
export async function measuredLoudness(
  path: string,
  asked: number | undefined,
  { signal, tempDir, found, track = 0 }: OperationWork & { found?: Probe; track?: number },
): Promise<Measured> {
  const pcm = await decodePcm(path, { zeroAt: "audio", track, ...(found && { probe: found }), signal, tempDir });
  try {
    const measured = await measurePcm({ path: pcm.path, samples: Number(pcm.index.samples) }, signal);
    const { loudnessLufs } = measured;
    if (asked === undefined || !Number.isFinite(loudnessLufs) || Math.abs(loudnessLufs - asked) <= TOLERANCE_LU)
      return measured;
    throw new PolyreelError("internal", {
      reason: `The file that was made has a loudness of ${loudnessLufs.toFixed(1)} LUFS instead of ${asked}.`,
      remedy: "It was not delivered. Try another loudness, and report it.",
    });
  } finally {
    await rm(pcm.path, { force: true });
  }
}
