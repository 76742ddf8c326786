import { create } from "@bufbuild/protobuf";
import { type RenditionSsim, RenditionSsimSchema } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { LineReader } from "../../ffmpeg/line-reader.js";
import { runFfmpeg } from "../../ffmpeg/run.js";
import type { MediaFile } from "../../operations/media-file.js";
import { probe } from "../../probe/probe.js";
import { exactRate } from "../video-filters.js";
import { Similarities } from "./similarities.js";
import { type Comparison, ssimCommand } from "./ssim-command.js";
import { comparedStretches } from "./stretches.js";

/** Of pictures that were copied. */
export const IDENTICAL: RenditionSsim = create(RenditionSsimSchema, { mean: 1, lowest: 1 });

/** Input without an index is decoded from its beginning. */
const DEADLINE_SECONDS = 1800;
const STALL_SECONDS = 120;
/** Six lines for each picture, of which cameras take up to a thousand a second. */
const MAX_OUTPUT_BYTES = 16 << 20;

/**
 * Measures how similar the pictures of a finished transcode are to those its encoder was given. Throws PolyreelError
 * `invalid`, with the setting as field, if the mean is below the asked one; `internal` if nothing can be compared.
 */
export async function certifySsim(
  source: MediaFile,
  path: string,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<RenditionSsim> {
  const { settings, plan } = comparison;
  const { encode, seconds } = plan.video;
  if (!encode) return IDENTICAL;
  const made = { path, probe: await probe(path, { signal }) };
  const found: number[] = [];
  for (const stretch of comparedStretches(seconds, exactRate(settings.fps))) {
    const similarities = new Similarities();
    const lines = new LineReader((line) => similarities.push(line));
    await runFfmpeg({
      ...ssimCommand(source, made, comparison, encode, stretch),
      onStdout: (chunk) => lines.push(chunk),
      ...{ signal, deadlineSeconds: DEADLINE_SECONDS, stallSeconds: STALL_SECONDS, maxOutputBytes: MAX_OUTPUT_BYTES },
    });
    lines.end();
    found.push(...similarities.ofPictures());
  }
  if (found.length === 0) throw new PolyreelError("internal", "No pictures of a transcode can be compared (SSIM).");
  const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
  const lowest = Math.min(...found);
  assertSimilar(mean, settings.ssim?.min ?? 0);
  return create(RenditionSsimSchema, { mean, lowest, frames: found.length });
}

function assertSimilar(mean: number, least: number): void {
  if (mean >= least) return;
  throw sourceError({
    field: "ssim.min",
    reason: `The picture has an SSIM of ${mean.toFixed(4)}, below ${least}.`,
    remedy: "Choose a better quality (a lower crf, or more videoKbps or targetMegabytes), or a lower ssim.min.",
  });
}
