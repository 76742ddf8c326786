import { create } from "@bufbuild/protobuf";
import {
  Align,
  type Batch,
  type Format,
  type Origin,
  OriginSchema,
  Position,
  type SpokenWord,
  SpokenWordSchema,
  type TextBlock,
  type TextOverlay,
  TextOverlaySchema,
} from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip/format.js";
import type { Picked } from "./identity.js";
import { type Knowledge, known } from "./knowledge.js";
import type { Need } from "./needs.js";
import { secondsOf } from "./stretch.js";
import type { ClipSpan, SpokenSpan } from "./timeline.js";
import { estimatedWords } from "./word-times.js";

const SAMPLE_RATE = 48_000;
/** Words this long before and after a clip go into its recipe, so that a phrase over a cut goes on. */
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

/** A text and the choice it comes from. */
export interface ShownText {
  readonly overlay: TextOverlay;
  readonly origin: Origin;
}

/** The texts that lie over a video block, in the batch's order. */
export function textsOver(
  videoBlock: string,
  span: ClipSpan,
  { batch, picked, format }: { batch: Batch; picked: Picked; format: Format },
  needs: readonly (readonly (readonly Need[])[])[],
  spoken: readonly SpokenSpan[],
  knowledge: Knowledge,
): ShownText[] {
  return batch.blocks.flatMap((block, i) => {
    if (block.kind.case !== "text" || !block.kind.value.over.includes(videoBlock)) return [];
    const position = picked.positions[i] ?? 0;
    const choice = block.kind.value.choices[position];
    if (!choice) return [];
    const words = choice.captions ? captionWords(choice.captions, span, format, spoken) : [];
    if (choice.text.trim() === "" && words.length === 0) return [];
    const [font] = needs[i]?.[position] ?? [];
    const fontSha256 = font && font.kind !== "voice" ? known(knowledge.source(font)).sha256 : "";
    const overlay = overlayOf(block.kind.value, { text: choice.captions ? "" : choice.text, words, fontSha256 });
    return [{ overlay, origin: create(OriginSchema, { block: block.name, choice: choice.label }) }];
  });
}

function overlayOf(style: TextBlock, content: { text: string; words: SpokenWord[]; fontSha256: string }): TextOverlay {
  return create(TextOverlaySchema, {
    ...content,
    position: POSITIONS[style.position] ?? "bottom",
    align: ALIGNS[style.align] ?? "center",
    size: style.size,
    color: style.color,
    maxWidth: style.maxWidth,
    safeArea: style.safeArea ?? 0,
    font: style.font,
    weight: style.weight,
    fadeInSeconds: secondsOf(style.fadeIn),
    fadeOutSeconds: secondsOf(style.fadeOut),
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
  });
}

/** A voice block's words with times from the clip's beginning, as far as they are heard around it. */
function captionWords(block: string, span: ClipSpan, format: Format, spoken: readonly SpokenSpan[]): SpokenWord[] {
  const clipStart = framesToSeconds(span.start, format);
  const clipSeconds = framesToSeconds(span.frames, format);
  return spoken
    .filter((line) => line.block === block)
    .flatMap((line) => {
      const from = line.start / SAMPLE_RATE - clipStart;
      const words = line.words.length > 0 ? line.words : estimatedWords(line.text, line.samples / SAMPLE_RATE);
      return words.map(({ text, startSeconds, endSeconds }) =>
        create(SpokenWordSchema, {
          text,
          startSeconds: toMilliseconds(from + startSeconds),
          endSeconds: toMilliseconds(from + endSeconds),
        }),
      );
    })
    .filter((word) => word.endSeconds > -AROUND_SECONDS && word.startSeconds < clipSeconds + AROUND_SECONDS);
}

/** Times go into recipes: what differs by less than a millisecond is the same picture. */
const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
