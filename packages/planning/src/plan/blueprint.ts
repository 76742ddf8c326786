import { create } from "@bufbuild/protobuf";
import { type Batch, type Block, type Canvas, type Format, FormatSchema } from "@polyreel/contract";
import { formatOf } from "@polyreel/media/clip";
import { PolyreelError } from "@polyreel/platform";
import { choicesOf, hasInputs } from "@polyreel/spec";
import { type FileNames, fileNamesOf } from "./file-names.js";
import { FITS } from "./fits.js";
import { type Names, namesOf, type Picked } from "./identity.js";
import { markNeed } from "./marks.js";
import { backgroundNeed, type Need, needKey, needsOf, unreadable } from "./needs.js";
import type { SourceNeed } from "./source-needs.js";

/** A prepared canvas: the format that its clips are normalised to. */
export interface Stage {
  readonly format: Format;
  /** As in recipes. */
  readonly fit: string;
  readonly background: string;
  /** The picture behind contained and transparent ones. */
  readonly picture: SourceNeed | undefined;
  readonly canvas: Canvas;
}

/** A batch prepared for planning: everything that all combinations share. */
export interface Blueprint {
  readonly batch: Batch;
  /** One per canvas; none for inputs. */
  readonly stages: readonly Stage[];
  readonly fileNames: FileNames;
  readonly names: Names;
  /** Needs of each choice, by block and position. */
  readonly needs: readonly (readonly (readonly Need[])[])[];
  /** Choices that are invalid in any case, by block and position. */
  readonly unreadable: readonly (readonly (PolyreelError | undefined)[])[];
  /** Images that outputs lay over their results, by output: every combination needs to know them. */
  readonly marks: readonly (SourceNeed | undefined)[];
}

/** Accepts a batch normalised by `normalizeBatch`. */
export function blueprintOf(batch: Batch): Blueprint {
  const canvases = batch.canvases.length > 0 ? batch.canvases : batch.canvas ? [batch.canvas] : [];
  if (canvases.length === 0 && !hasInputs(batch))
    throw new PolyreelError("internal", "A batch was stored without its canvas.");
  const perChoice = <T>(of: (block: Block, position: number) => T): T[][] =>
    batch.blocks.map((block) => choicesOf(block).map((_, position) => of(block, position)));
  return {
    batch,
    stages: canvases.map((canvas) => ({
      canvas,
      format: create(FormatSchema, formatOf(canvas)),
      fit: FITS[canvas.fit] ?? "contain",
      background: canvas.background,
      picture: backgroundNeed(canvas),
    })),
    fileNames: fileNamesOf(batch),
    names: namesOf(batch),
    needs: perChoice((block, position) => needsOf(block, position, batch.lexicon)),
    unreadable: perChoice(unreadable),
    marks: batch.outputs.map((output) => markNeed(output)),
  };
}

/** All needs of a combination. */
export function* needsOfPicked(blueprint: Blueprint, { positions, canvas }: Picked): Generator<Need> {
  for (const [block, position] of positions.entries()) yield* blueprint.needs[block]?.[position] ?? [];
  yield* sharedNeeds(blueprint, canvas);
}

/** Needs of all combinations on a canvas. */
export function sharedNeeds({ stages, marks }: Blueprint, canvas: number): Need[] {
  const picture = stages[canvas]?.picture;
  return [...(picture ? [picture] : []), ...marks.flatMap((mark) => mark ?? [])];
}

/** Every distinct need, in order of first use, so that early combinations are ready first. */
export function needsInOrder({ needs, stages, marks }: Blueprint): Need[] {
  const distinct = new Map<string, Need>();
  const firstChoices = needs.flatMap((choices) => choices[0] ?? []);
  // Combinations count with the last block fastest, so its further choices are used before those of earlier blocks.
  const laterChoices = [...needs].reverse().flatMap((choices) => choices.slice(1).flat());
  const pictures = [...stages.flatMap(({ picture }) => picture ?? []), ...marks.flatMap((mark) => mark ?? [])];
  for (const need of [...firstChoices, ...pictures, ...laterChoices]) {
    if (!distinct.has(needKey(need))) distinct.set(needKey(need), need);
  }
  return [...distinct.values()];
}
