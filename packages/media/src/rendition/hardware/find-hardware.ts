import { PolyreelError } from "@polyreel/platform";
import { listEncoders } from "../../ffmpeg/build.js";

import { firstError, ProgramFailure } from "../../ffmpeg/failure.js";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { type HardwareCodec, type HardwareEncoder, hardwareCodecs } from "./hardware-encoder.js";
import { deviceOf, hardwareOptions, uploading, VAAPI_DEVICE } from "./hardware-options.js";

/** What a machine needs beside an ffmpeg that has the encoder. */
const NEEDED: { readonly [E in HardwareEncoder]: string } = {
  nvenc: "a graphics card of NVIDIA with its driver, and in a container also its runtime (--gpus all)",
  vaapi: `a graphics card with its VA-API driver, and access to ${VAAPI_DEVICE} (in a container: --device /dev/dri)`,
  videotoolbox: "macOS",
};

/** Larger than every encoder's smallest picture. */
const TRIED = "testsrc2=size=320x240:rate=25:duration=0.4";
const DEADLINE_SECONDS = 60;

/**
 * Checks that this machine encodes with hardware: ffmpeg lists the encoders, and each encodes a few pictures. Throws
 * PolyreelError `unavailable` with what is missing.
 */
export async function requireHardware(encoder: HardwareEncoder, signal: AbortSignal): Promise<void> {
  const listed = await listEncoders();
  const missing = hardwareCodecs.map((codec) => `${codec}_${encoder}`).filter((name) => !listed.includes(` ${name} `));
  if (missing.length > 0) {
    throw unusable(encoder, `this ffmpeg has no ${missing.join(" and no ")}`, "Install an ffmpeg built with it");
  }
  for (const codec of hardwareCodecs) await tryEncode(encoder, codec, signal);
}

async function tryEncode(encoder: HardwareEncoder, codec: HardwareCodec, signal: AbortSignal): Promise<void> {
  const device = deviceOf(encoder);
  let bytes = 0;
  try {
    await runFfmpeg({
      ...(device && { device }),
      inputs: [{ lavfi: TRIED }],
      filterComplex: ["[0:v]format=yuv420p", ...uploading(encoder)].join(",").concat("[v]"),
      outputs: [
        {
          stdout: true,
          options: ["-map", "[v]", ...hardwareOptions({ encoder, codec, crf: 23, capKbps: 0 }), "-f", codec],
        },
      ],
      signal,
      deadlineSeconds: DEADLINE_SECONDS,
      maxOutputBytes: 1 << 24,
      onStdout: (chunk) => {
        bytes += chunk.length;
      },
    });
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code === "cancelled") throw error;
    const reported = error.cause instanceof ProgramFailure ? firstError(error.cause.ending.stderr) : "";
    throw unusable(encoder, `${codec}_${encoder} encodes nothing${reported && ` (${reported})`}`, "", error);
  }
  if (bytes === 0) throw unusable(encoder, `${codec}_${encoder} encodes nothing`);
}

const unusable = (encoder: HardwareEncoder, reason: string, remedy = "", cause?: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `POLYREEL_ENCODER is ${encoder}, but ${reason}.`,
      remedy: `${remedy ? `${remedy}. ` : ""}It needs ${NEEDED[encoder]}. Or leave out POLYREEL_ENCODER: this renderer then encodes by software only.`,
    },
    { cause, outage: false },
  );
