import { clone, create } from "@bufbuild/protobuf";
import {
  AudioCodec,
  type ClipUse,
  type Combination,
  type Format,
  JoinedInputSchema,
  OriginSchema,
  type Output,
  type RenditionPlan,
  RenditionPlanSchema,
  type Transcode,
  TranscodeSchema,
} from "@polyreel/contract";
import { probeOfJoin } from "@polyreel/media/join";
import { clipSettings, isMadeOfTracks, keepsSound, rateAfter, soundSettings } from "@polyreel/media/rendition";
import { renditionTypeOf } from "@polyreel/spec";
import type { ClipPart, Encoders } from "./clips.js";
import type { Marks } from "./marks.js";
import { Memo } from "./memo.js";
import { type RenditionPart, renditionPart } from "./renditions.js";

/** A file that is joined from tracks, which combinations share. */
export interface JoinedFile {
  readonly kind: "tracks";
  /** One for each clip of the combination, in its order. */
  readonly clips: readonly RenditionPart[];
  /** Unset: the soundtrack as it is, or no sound. */
  readonly sound?: RenditionPart;
  readonly plan: RenditionPlan;
}

/** The settings of an output for its tracks. */
interface TrackSettings {
  readonly clip: Transcode;
  readonly sound: Transcode;
  readonly hasSound: boolean;
  readonly keepsSound: boolean;
}

/** Tracks per generation of the memo. */
const TRACKS_KEPT = 10_000;

/** Plans transcodes of combinations clip by clip, where their settings allow it; pure. What combinations share is kept. */
export class TrackPlanner {
  /** By output, format and whether there is sound; undefined: the transcode is made of the whole. */
  readonly #settings = new Map<string, TrackSettings | undefined>();
  readonly #tracks = new Memo<RenditionPart>(TRACKS_KEPT);

  constructor(
    private readonly encoders: Pick<Encoders, "rendition" | "text">,
    private readonly marks: Marks,
  ) {}

  /** The file of an output; undefined if it is made of the whole combination. `number`: the output's index. */
  file(
    output: Output,
    number: number,
    { clips: uses, soundHash }: Combination,
    clips: readonly ClipPart[],
    format: Format,
  ): JoinedFile | undefined {
    const { operation } = output;
    const type = renditionTypeOf(output);
    if (operation.case !== "transcode" || !type) return undefined;
    const { value } = operation;
    if (!clips.every(({ frames }) => rateAfter(value, ownRate(format), frames))) return undefined;
    const settings = this.#settingsOf(value, number, format, soundHash !== "");
    if (!settings) return undefined;
    const tracks = uses.map((use) => this.#clip(use, number, settings.clip));
    const sound =
      settings.hasSound && !settings.keepsSound ? this.#sound(soundHash, number, settings.sound) : undefined;
    const plan = create(RenditionPlanSchema, {
      ...{ contentType: type.contentType, operation: "transcode" },
      joined: {
        container: value.container,
        clipHashes: tracks.map(({ hash }) => hash),
        ...(sound ? { soundRenditionHash: sound.hash } : { soundHash: settings.hasSound ? soundHash : "" }),
      },
    });
    return { kind: "tracks", clips: tracks, plan, ...(sound && { sound }) };
  }

  #settingsOf(asked: Transcode, number: number, format: Format, hasSound: boolean): TrackSettings | undefined {
    const { width, height, rateNumerator, rateDenominator } = format;
    const key = [number, width, height, rateNumerator, rateDenominator, hasSound].join(" ");
    if (this.#settings.has(key)) return this.#settings.get(key);
    const settings = this.#trackSettings(asked, number, format, hasSound);
    this.#settings.set(key, settings);
    return settings;
  }

  #trackSettings(asked: Transcode, number: number, format: Format, hasSound: boolean): TrackSettings | undefined {
    if (!isMadeOfTracks(asked, probeOfJoin(format, format.rateNumerator, hasSound))) return undefined;
    const settings = clone(TranscodeSchema, asked);
    if (settings.watermark) settings.watermark = this.marks.resolved(settings.watermark, number);
    return {
      ...{ clip: clipSettings(settings), sound: soundSettings(settings), keepsSound: keepsSound(settings) },
      hasSound: hasSound && settings.audioCodec !== AudioCodec.NONE,
    };
  }

  #clip({ hash, block, choice }: ClipUse, number: number, value: Transcode): RenditionPart {
    return this.#tracks.get(`${number} ${hash}`, () => {
      const origins = [create(OriginSchema, { block, choice })];
      const input = { case: "clipHash", value: hash } as const;
      return renditionPart({ input, operation: { case: "transcode", value } }, origins, this.encoders);
    });
  }

  #sound(soundHash: string, number: number, value: Transcode): RenditionPart {
    return this.#tracks.get(`${number} sound ${soundHash}`, () => {
      const input = { case: "join", value: create(JoinedInputSchema, { soundHash }) } as const;
      return renditionPart({ input, operation: { case: "transcode", value } }, [], this.encoders);
    });
  }
}

const ownRate = ({ rateNumerator: numerator, rateDenominator: denominator }: Format) => ({ numerator, denominator });
