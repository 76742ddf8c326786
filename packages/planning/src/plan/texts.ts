import { create } from "@bufbuild/protobuf";
import {
  Align,
  type Batch,
  type Format,
  HighlightShape,
  type Origin,
  OriginSchema,
  Position,
  type Sides,
  type SpokenWord,
  SpokenWordSchema,
  type TextBlock,
  type TextChoice,
  type TextOverlay,
  TextOverlaySchema,
  TextStyle,
} from "@polyreel/contract";
import { framesToSeconds, secondsToFrames } from "@polyreel/media/clip";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import type { Blueprint } from "./blueprint.js";
import type { Picked } from "./identity.js";
import { type Knowledge, known } from "./resolved-inputs.js";
import { sidesOn } from "./safe-area.js";
import { secondsOf } from "./stretch.js";
import { type FrameRange, isShownIn, type TimesInClip, timesIn } from "./text-times.js";
import type { ClipSpan, SpokenSpan } from "./timeline.js";
import { wordsIn } from "./translated-words.js";
import { wordsKey } from "./word-times.js";

/** A clip has captions if words are spoken in it, or so shortly before or after that their phrase may be visible in it. */
const AROUND_SECONDS = 5;

const POSITIONS: Partial<Record<Position, string>> = {
  [Position.TOP]: "top",
  [Position.CENTER]: "center",
  [Position.BOTTOM]: "bottom",
};
const ALIGNS: Partial<Record<Align, string>> = {
  [Align.LEFT]: "left",
  [Align.CENTER]: "center",
  [Align.RIGHT]: "right",
};

/** A clip's position in the timeline, and the frames held after its end. */
export interface ShownSpan {
  readonly span: ClipSpan;
  readonly holdFrames: number;
}

/** When things happen in a combination. */
export interface Timing {
  readonly format: Format;
  readonly spoken: readonly SpokenSpan[];
  /** Of texts with a start or duration, by the index of their block. */
  readonly times: ReadonlyMap<number, FrameRange>;
}
/** Without a style, words appear as they are spoken. */
const REVEALS: Partial<Record<TextStyle, string>> = {
  [TextStyle.BOLD_POP]: "pop",
  [TextStyle.KARAOKE]: "phrase",
  [TextStyle.BOXED]: "phrase",
  [TextStyle.MINIMAL]: "phrase",
};

/** A text and the choice it comes from. */
export interface ShownText {
  readonly overlay: TextOverlay;
  readonly origin: Origin;
}

/** The texts above one video block. */
export class TextsOver {
  /** Text blocks by index, in the batch's order. */
  readonly #blocks: readonly { readonly index: number; readonly name: string; readonly style: TextBlock }[];

  constructor(
    { blocks }: Batch,
    videoBlock: string,
    private readonly needs: Blueprint["needs"],
    private readonly knowledge: Knowledge,
  ) {
    this.#blocks = blocks.flatMap(({ name, kind }, index) =>
      kind.case === "text" && kind.value.over.includes(videoBlock) ? [{ index, name, style: kind.value }] : [],
    );
  }

  /**
   * What a clip's texts depend on: equal keys mean equal texts. Captions also depend on the positions of voices, others on
   * their times.
   */
  key({ positions }: Picked, clip: ShownSpan, { spoken, times, format }: Timing): string {
    const { start } = clip.span;
    let key = "";
    for (const { index, style } of this.#blocks) {
      const range = times.get(index);
      if (range && !isShownIn(range, clip)) {
        key += " -";
        continue;
      }
      const position = positions[index] ?? 0;
      key += ` ${position}`;
      if (range) {
        const { from, to, fadeIn, fadeOut } = timesIn(range, style, clip, format);
        key += `@${from}+${fadeIn}-${to}-${fadeOut}`;
      }
      const { captions = "", language = "" } = style.choices[position] ?? {};
      if (!captions) continue;
      for (const span of spoken) if (span.block === captions) key += `,${wordsKey(span, language)}`;
      key += `-${start}`;
    }
    return key;
  }

  /** The texts of a combination, the lowest first. */
  shown({ positions }: Picked, clip: ShownSpan, { spoken, times, format }: Timing): ShownText[] {
    return this.#blocks.flatMap(({ index, name, style }) => {
      const range = times.get(index);
      if (range && !isShownIn(range, clip)) return [];
      const position = positions[index] ?? 0;
      const choice = style.choices[position];
      if (!choice) return [];
      const words = choice.captions ? captionWords(choice, clip.span, format, spoken) : [];
      if (choice.text.trim() === "" && words.length === 0) return [];
      const [font] = this.needs[index]?.[position] ?? [];
      const fontSha256 = font && font.kind !== "voice" ? known(this.knowledge.source(font)).sha256 : "";
      const overlay = overlayOf(style, {
        ...{ text: choice.captions ? "" : choice.text, words, fontSha256 },
        safeAreaSides: sidesOn(style, format),
        ...(range && secondsIn(timesIn(range, style, clip, format), format)),
      });
      return [{ overlay, origin: create(OriginSchema, { block: name, choice: choice.label }) }];
    });
  }
}

interface Content {
  text: string;
  words: SpokenWord[];
  fontSha256: string;
  safeAreaSides: Sides | undefined;
  fromSeconds?: number;
  toSeconds?: number;
  fadeInSeconds?: number;
  fadeOutSeconds?: number;
}

function overlayOf(style: TextBlock, { safeAreaSides, ...content }: Content): TextOverlay {
  return create(TextOverlaySchema, {
    ...(safeAreaSides && { safeAreaSides }),
    position: POSITIONS[style.position] ?? "bottom",
    align: ALIGNS[style.align] ?? "center",
    size: style.size,
    color: style.color,
    maxWidth: style.maxWidth,
    safeArea: style.safeArea ?? 0,
    offsetX: style.offset?.x ?? 0,
    offsetY: style.offset?.y ?? 0,
    font: style.font,
    weight: style.weight,
    fadeInSeconds: secondsOf(style.fadeIn),
    fadeOutSeconds: secondsOf(style.fadeOut),
    ...content,
    ...(style.box && {
      boxColor: style.box.color,
      boxPadding: style.box.padding ?? 0,
      boxRadius: style.box.radius ?? 0,
    }),
    ...(style.outline && { outlineColor: style.outline.color, outlineWidth: style.outline.width }),
    ...(style.shadow && {
      shadowColor: style.shadow.color,
      shadowBlur: style.shadow.blur,
      shadowOffset: style.shadow.offset ?? 0,
    }),
    ...(content.words.length > 0 && appearanceOf(style)),
  });
}

/** How words of captions appear: not part of the recipes of texts that are none. */
const appearanceOf = ({ style, highlight, highlightShape, words, lines }: TextBlock) => ({
  reveal: REVEALS[style] ?? "",
  ...(highlight && {
    highlightColor: highlight,
    highlightShape: highlightShape === HighlightShape.BOX ? "box" : "letters",
  }),
  maxWords: words ?? 0,
  maxLines: lines ?? 0,
});

/**
 * A voice block's words with times from the clip's beginning; empty if none are spoken near it. All of them, in whole
 * frames of the timeline: two clips of a transition then have the same phrases, and change them simultaneously.
 */
function captionWords(
  { captions, language }: TextChoice,
  span: ClipSpan,
  format: Format,
  spoken: readonly SpokenSpan[],
): SpokenWord[] {
  const fromClip = (seconds: number) =>
    toMicroseconds(framesToSeconds(secondsToFrames(seconds, format) - span.start, format));
  const all = spoken
    .filter(({ block }) => block === captions)
    .flatMap(({ line, start }) => {
      const from = start / SAMPLE_RATE;
      return wordsIn(line, language).map(({ text, startSeconds, endSeconds }) =>
        create(SpokenWordSchema, {
          text,
          startSeconds: fromClip(from + startSeconds),
          endSeconds: fromClip(from + endSeconds),
        }),
      );
    });
  const clipSeconds = framesToSeconds(span.frames, format);
  const isAround = ({ startSeconds, endSeconds }: SpokenWord) =>
    endSeconds > -AROUND_SECONDS && startSeconds < clipSeconds + AROUND_SECONDS;
  return all.some(isAround) ? all : [];
}

function secondsIn({ from, to, fadeIn, fadeOut }: TimesInClip, format: Format) {
  const seconds = (frames: number) => toMicroseconds(framesToSeconds(frames, format));
  return {
    ...(from !== undefined && { fromSeconds: seconds(from) }),
    ...(to !== undefined && { toSeconds: seconds(to) }),
    ...{ fadeInSeconds: seconds(fadeIn), fadeOutSeconds: seconds(fadeOut) },
  };
}

/** Times are part of recipes: thirds of a second must be rounded. */
const toMicroseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
