import { randomUUID } from "node:crypto";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RenditionIndexSchema, Transcode } from "@polyreel/contract";
import type { FrameRate } from "../clip/format.js";
import { changesShape } from "../clip/shape-watch.js";
import { mediaFault } from "../ffmpeg/media-fault.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { drawMark } from "../image/draw-mark.js";
import type { ImageWorkers } from "../image/image-workers.js";
import type { MediaFile, OperationWork } from "../operations/media-file.js";
import { certifyTranscode } from "./certify-transcode.js";
import { hardwareOf } from "./hardware/hardware-encoder.js";
import { beginsFormat, copiedSound, decodedSound, type SoundInput, soundByPcm } from "./sound-input.js";
import { certifySsim } from "./ssim/certify-ssim.js";
import { LOWEST_KBPS, TARGET_SHARE, targetKbps, targetTooSmall } from "./target-rate.js";
import { type Passes, transcodeCommand } from "./transcode-command.js";
import { planTranscode, type TranscodePlan } from "./transcode-plan.js";
import { type Av1Encoder, renditionThreads } from "./video-options.js";

export interface RenditionWork extends OperationWork {
  /** 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly av1: Av1Encoder;
  /** Draws watermarks. */
  readonly images: ImageWorkers;
  /** The image of the settings' watermark. */
  readonly markPath?: string | undefined;
  /** Of a result that is joined with others: its rate, exactly. Their headers must agree. */
  readonly joinedRate?: FrameRate | undefined;
}

/** A file in `tempDir`, now owned by the caller, with what was found in it. */
export interface MadeRendition {
  readonly payloadPath: string;
  readonly index: MessageInitShape<typeof RenditionIndexSchema>;
}

/**
 * Makes a file of another container, codec or size, and checks it against what was asked for. `settings`: normalised.
 * Throws PolyreelError `invalid`, with the setting as field, if the file does not allow what was asked for, `internal` if
 * the result is not as asked for; no file is left then.
 */
export async function transcode(
  source: MediaFile,
  settings: Transcode,
  { track, ...work }: RenditionWork & { track: number },
): Promise<MadeRendition> {
  const { probe } = source;
  const plan = planTranscode(settings, probe, { track });
  const folder = await mkdtemp(join(work.tempDir, "transcode-"));
  try {
    const made = join(folder, `made.${plan.format.name}`);
    const mark = await drawnMark(settings, plan, folder, work);
    const found = await new Making(source, settings, plan, { folder, mark }, work).make(made);
    const index = await certifyTranscode(
      made,
      { settings, plan, probe, isJoined: work.joinedRate !== undefined },
      { ...work, tempDir: folder },
    );
    const ssim = settings.ssim && (await certifySsim(source, made, { settings, plan, mark }, work.signal));
    index.warnings = [...plan.warnings, ...found];
    if (ssim) index.ssim = ssim;
    const payloadPath = join(work.tempDir, `${randomUUID()}.${plan.format.name}`);
    await rename(made, payloadPath);
    return { payloadPath, index };
  } catch (error) {
    throw mediaFault(error, UNUSABLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The settings' watermark at the output's size. */
async function drawnMark(
  { watermark }: Transcode,
  { video: { width, height, encode } }: TranscodePlan,
  tempDir: string,
  { images: workers, markPath, signal }: RenditionWork,
): Promise<string | undefined> {
  if (!watermark || !encode) return undefined;
  return drawMark(watermark, { width, height }, { workers, markPath, tempDir, signal });
}

const UNUSABLE = {
  reason: "ffmpeg cannot process the file's pictures or its sound.",
  remedy: "Check that it plays. The service's log has what ffmpeg reported.",
};

const TARGET_ATTEMPTS = 4;

/** One transcode at work. */
class Making {
  readonly #zeroSeconds: number;
  #changesShape = false;
  #formats = 0;
  #fraction = 0;

  constructor(
    private readonly source: MediaFile,
    private readonly settings: Transcode,
    private readonly plan: TranscodePlan,
    private readonly files: { readonly folder: string; readonly mark: string | undefined },
    private readonly work: RenditionWork,
  ) {
    const { firstPictureSeconds, startSeconds } = plan.video.picture;
    this.#zeroSeconds = firstPictureSeconds ?? startSeconds;
  }

  /** Writes the file; returns warnings. */
  async make(path: string): Promise<string[]> {
    const { targetMegabytes } = this.settings;
    let sound = await this.#sound(false);
    const run = async () => {
      if (targetMegabytes > 0) await this.#reachTarget(path, targetMegabytes, sound);
      else await this.#encode(path, sound, this.settings.videoKbps || undefined, [undefined]);
    };
    await run();
    if (this.#formats > 1) {
      sound = await this.#sound(true);
      await run();
    }
    return this.#changesShape
      ? ["The shape of the picture changes midway: it is stretched to that of the beginning."]
      : [];
  }

  async #sound(byPcm: boolean): Promise<SoundInput | undefined> {
    const { source, settings, plan } = this;
    const { folder } = this.files;
    const { audio } = plan;
    if (!audio) return undefined;
    const { encode } = audio;
    if (!encode) return copiedSound(source, audio, this.#zeroSeconds);
    const { loudnessLufs } = settings;
    const { signal } = this.work;
    if (byPcm || loudnessLufs !== 0 || source.probe.restarts)
      return soundByPcm(source, { ...audio, encode }, plan, loudnessLufs, { folder, signal });
    return decodedSound(source, { ...audio, encode }, this.#zeroSeconds, plan);
  }

  /** Two passes, again with a lower rate if the file is too large: encoders reach an average only nearly. */
  async #reachTarget(path: string, targetMegabytes: number, sound: SoundInput | undefined): Promise<void> {
    const { video } = this.plan;
    const targetBytes = targetMegabytes * 1e6;
    const seconds = Math.max(video.seconds, 0.1);
    let kbps = targetKbps(this.plan, targetMegabytes);
    const isOnePass = video.encode?.codec === "av1" && this.work.av1 === "libsvtav1";
    const hasPasses = !isOnePass && !hardwareOf(this.settings.encoder);
    const statistics = join(this.files.folder, "statistics");
    for (let attempt = 0; attempt < TARGET_ATTEMPTS && kbps >= LOWEST_KBPS; attempt++) {
      const passes: Passes = hasPasses
        ? [
            { number: 1, statistics },
            { number: 2, statistics },
          ]
        : [undefined];
      await this.#encode(path, sound, kbps, passes);
      const { size } = await stat(path);
      if (size <= targetBytes) return;
      // All of what is too much is the picture's to save.
      kbps -= ((size - targetBytes * TARGET_SHARE) * 8) / 1000 / seconds;
    }
    throw targetTooSmall(this.plan, targetMegabytes);
  }

  async #encode(path: string, sound: SoundInput | undefined, kbps: number | undefined, passes: Passes): Promise<void> {
    const { source, settings, plan, work } = this;
    const { seconds, width, height, frameRate, encode } = plan.video;
    const frames = Math.ceil(seconds * (frameRate || 25)) + 1;
    for (const [i, pass] of passes.entries()) {
      this.#formats = 0;
      await runFfmpeg({
        ...transcodeCommand(source, {
          settings,
          plan,
          sound,
          kbps,
          pass,
          frames,
          av1: work.av1,
          joinedRate: work.joinedRate,
          path,
          markPath: this.files.mark,
          zeroSeconds: this.#zeroSeconds,
        }),
        ...(encode && { filterThreads: renditionThreads(frames) }),
        deadlineSeconds: START_SECONDS + (width * height * frames) / SLOWEST_PIXELS_PER_SECOND,
        stallSeconds: STALL_SECONDS,
        maxOutputBytes:
          Math.ceil(encode ? MAX_BYTES_A_SECOND * (seconds + 1) : 1.1 * source.probe.sizeBytes) + (64 << 20),
        signal: work.signal,
        onMessage: (line) => {
          this.#changesShape ||= changesShape(line);
          if (beginsFormat(line)) this.#formats++;
        },
        onProgress: (outTime) => this.#report((i + Math.min(0.99, outTime / Math.max(seconds, 0.1))) / passes.length),
      });
    }
  }

  #report(fraction: number): void {
    if (fraction <= this.#fraction) return;
    this.#fraction = fraction;
    this.work.onProgress?.(fraction);
  }
}

/** A fiftieth of what AV1 reaches on today's machines. */
const SLOWEST_PIXELS_PER_SECOND = 100_000;
const START_SECONDS = 600;
const STALL_SECONDS = 120;
/** 400 Mbit/s: no encode for players exceeds it. */
const MAX_BYTES_A_SECOND = 50e6;
