import { create } from "@bufbuild/protobuf";
import { type Combination, type Format, type Transition, WarningSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { hasInputs, type Needs, neededBy } from "@polyreel/spec";
import { inputOf } from "./assemble-input.js";
import type { Blueprint } from "./blueprint.js";
import { Chooser, type ChosenVideo, pictureless, stageOf } from "./choose.js";
import { bodyPart, type ClipPart, type ClipSettings, type Encoders, type ShownClip, transitionPart } from "./clips.js";
import type { FilePart } from "./file-part.js";
import { chosen, identify, type Picked } from "./identity.js";
import { ImagePlanner } from "./images.js";
import { Marks } from "./marks.js";
import { Memo } from "./memo.js";
import { RefusedFiles } from "./refused-files.js";
import { type WholeRendition, wholeRendition } from "./renditions.js";
import type { Knowledge } from "./resolved-inputs.js";
import { SoundPart } from "./soundtrack.js";
import { TextTimes } from "./text-times.js";
import { TextsOver } from "./texts.js";
import { type PlacedSound, type PlacedVoice, type SpokenSpan, type Timeline, timelineOf } from "./timeline.js";
import { cutOff } from "./timeline-mistakes.js";
import { TrackPlanner } from "./tracks.js";
import { WordWarnings } from "./word-warnings.js";

/** A combination with the parts it is joined from. */
export interface Assembly {
  readonly combination: Combination;
  /** Paths of its outputs' files below their folders, by index. */
  readonly fileNames: readonly string[];
  readonly clips: readonly ClipPart[];
  readonly sound: SoundPart | undefined;
  /** Of its video; undefined for an input, which has no canvas. */
  readonly format: Format | undefined;
  /** 0 for an input, which is processed as it is. */
  readonly frames: number;
  readonly spoken: readonly SpokenSpan[];
  /** Files that are parts or joined from parts of their own, by output; undefined: the output is none. */
  readonly files: readonly (FilePart | undefined)[];
}

/** Clips per generation of the memo, each about 2 KB. */
const CLIPS_KEPT = 10_000;

/**
 * Derives the parts of combinations from resolved inputs; pure. What combinations share (resolved choices, clips and
 * their hashes) is computed once, so that another combination costs a few lookups, its id and its soundtrack's hash.
 */
export class Assembler {
  readonly #chooser: Chooser;
  readonly #clips = new Memo<ClipPart>(CLIPS_KEPT);
  readonly #texts: readonly TextsOver[];
  readonly #textTimes: TextTimes;
  readonly #settings = new Map<number, ClipSettings>();
  readonly #needed: Needs;
  readonly #marks: Marks;
  readonly #images: ImagePlanner;
  readonly #tracks: TrackPlanner;
  readonly #refused: RefusedFiles;
  readonly #wordWarnings: WordWarnings;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly knowledge: Knowledge,
    private readonly encoders: Encoders,
  ) {
    const { batch, needs } = blueprint;
    this.#chooser = new Chooser(blueprint, knowledge);
    this.#needed = neededBy(batch.outputs);
    this.#marks = new Marks(blueprint.marks, knowledge);
    this.#images = new ImagePlanner(batch.outputs, this.#marks, encoders);
    this.#tracks = new TrackPlanner(encoders, this.#marks);
    this.#refused = new RefusedFiles(batch.outputs);
    this.#wordWarnings = new WordWarnings(batch);
    this.#textTimes = new TextTimes(batch);
    this.#texts = batch.blocks.map(({ name }) => new TextsOver(batch, name, needs, knowledge));
  }

  /**
   * Throws PolyreelError `invalid` for an invalid combination, naming the first responsible block and choice in the
   * batch's order.
   */
  assemble(picked: Picked): Assembly {
    return hasInputs(this.blueprint.batch) ? this.#input(picked) : this.#join(picked);
  }

  #input(picked: Picked): Assembly {
    const input = inputOf(this.blueprint, picked, this.knowledge);
    const combination = identify(this.blueprint, picked);
    combination.input = input;
    const fileNames = this.#name(picked, combination);
    const [block] = this.blueprint.batch.blocks;
    if (!block) throw new PolyreelError("internal", "An input has no block.");
    const images = this.#images.parts(input, chosen(block, picked.positions[0] ?? 0));
    const files = this.blueprint.batch.outputs.map(
      (_, number) => this.#rendition(number, combination, fileNames) ?? images[number],
    );
    return { combination, fileNames, clips: [], sound: undefined, format: undefined, frames: 0, spoken: [], files };
  }

  #join(picked: Picked): Assembly {
    const { videos, timeline, format } = this.#lay(picked);
    const clips = this.#needed.clips ? this.clipsOf(picked, videos, timeline) : [];
    const combination = identify(this.blueprint, picked);
    const sound =
      this.#needed.sound && timeline.events.length > 0
        ? new SoundPart(timeline, this.encoders.sound, this.blueprint.batch.loudnessLufs)
        : undefined;
    for (const { use } of clips) combination.clips.push(use);
    combination.soundHash = sound?.hash ?? "";
    for (const { sound: cut, samples } of timeline.cut) {
      combination.warnings.push(create(WarningSchema, cutOff(cut, samples)));
    }
    for (const warning of this.#wordWarnings.of(picked, timeline.spoken)) {
      combination.warnings.push(create(WarningSchema, warning));
    }
    const fileNames = this.#name(picked, combination);
    const { frames, spoken } = timeline;
    const join = { format, frames, hasSound: sound !== undefined };
    const files = this.blueprint.batch.outputs.map((output, number) => {
      const file =
        this.#tracks.file(output, number, combination, clips, format) ??
        this.#rendition(number, combination, fileNames);
      return file && (this.#refused.of(number, file, join) ?? file);
    });
    return { combination, fileNames, clips, sound, format, frames, spoken, files };
  }

  #rendition(number: number, combination: Combination, fileNames: readonly string[]): WholeRendition | undefined {
    const { outputs } = this.blueprint.batch;
    return wholeRendition(outputs, number, combination, fileNames, this.encoders, this.#marks);
  }

  /** Returns the paths of its outputs' files. */
  #name(picked: Picked, combination: Combination): readonly string[] {
    const fileNames = this.blueprint.fileNames(picked, combination.id);
    combination.fileName = fileNames[0] ?? "";
    return fileNames;
  }

  #lay({ positions, canvas }: Picked): { videos: readonly PlacedVideo[]; timeline: Timeline; format: Format } {
    const videos: PlacedVideo[] = [];
    const voices: PlacedVoice[] = [];
    const sounds: PlacedSound[] = [];
    for (const [block, position] of positions.entries()) {
      const resolved = this.#chooser.resolve(canvas, block, position);
      if (resolved.kind === "fault") throw resolved.fault;
      if (resolved.kind === "video") videos.push({ block, position, video: resolved.video });
      if (resolved.kind === "voice") voices.push(resolved.voice);
      if (resolved.kind === "sound") sounds.push(resolved.sound);
    }
    if (videos.length === 0) throw pictureless();
    const { format } = stageOf(this.blueprint, canvas);
    const placed = videos.map(({ video }) => video.placed);
    return { videos, timeline: timelineOf(placed, voices, sounds, format), format };
  }

  /** The parts that a picture is joined from, in order. Of `picked` only the canvas and the texts matter. */
  clipsOf(
    picked: Picked,
    videos: readonly PlacedVideo[],
    { spans, spoken, holdFrames }: Pick<Timeline, "spans" | "spoken" | "holdFrames">,
  ): ClipPart[] {
    const settings = this.#settingsOf(picked.canvas);
    const { format } = settings.stage;
    const last = videos.length - 1;
    const covered = videos.flatMap(({ block }, i) => {
      const span = spans[i];
      return span ? [{ block, span, holdFrames: i === last ? holdFrames : 0 }] : [];
    });
    const timing = { format, spoken, times: this.#textTimes.of(picked, covered, format) };
    const clips: ClipPart[] = [];
    let before: { readonly key: string; readonly shown: () => ShownClip; readonly transition: Transition } | undefined;
    for (const [i, { block, position, video }] of videos.entries()) {
      const clip = covered[i];
      const texts = this.#texts[block];
      if (!clip || !texts) throw new PolyreelError("internal", "A clip has no place in the timeline.");
      const { span, holdFrames: held } = clip;
      const where = `${picked.canvas} ${block} ${position} ${span.fromBefore} ${span.intoNext} ${held}`;
      const key = where + texts.key(picked, clip, timing);
      const shown = (): ShownClip => ({ video, span, texts: texts.shown(picked, clip, timing), holdFrames: held });
      if (before) {
        const { key: keyBefore, shown: from, transition } = before;
        clips.push(this.#clips.get(`${keyBefore}/${key}`, () => transitionPart(from(), shown(), transition, settings)));
      }
      clips.push(this.#clips.get(key, () => bodyPart(shown(), settings)));
      const transition = span.intoNext > 0 ? this.#transitionAfter(block) : undefined;
      before = transition && { key, shown, transition };
    }
    return clips;
  }

  #transitionAfter(block: number): Transition | undefined {
    const kind = this.blueprint.batch.blocks[block]?.kind;
    return kind?.case === "video" ? kind.value.transition : undefined;
  }

  #settingsOf(canvas: number): ClipSettings {
    const known = this.#settings.get(canvas);
    if (known) return known;
    const settings = {
      stage: stageOf(this.blueprint, canvas),
      pictureSha256: this.#chooser.picture(canvas),
      encoders: this.encoders,
    };
    this.#settings.set(canvas, settings);
    return settings;
  }
}

/** A video choice at its position. */
export interface PlacedVideo {
  readonly block: number;
  readonly position: number;
  readonly video: ChosenVideo;
}
