import type { Blueprint } from "../../plan/blueprint.js";
import type { Chooser, Resolved } from "../../plan/choose.js";
import { enumerate } from "../../plan/enumeration.js";

/** A valid choice. */
export interface Option {
  readonly position: number;
  readonly resolved: Exclude<Resolved, { kind: "fault" }>;
}

/**
 * Combinations whose blocks choose independently: those of one canvas, with one choice of every link, and with the same
 * last visible video block.
 */
export interface Scope {
  readonly canvas: number;
  /** Options of each block. */
  readonly options: readonly (readonly Option[])[];
  /** Order of the last block that shows something, among the video blocks. */
  readonly last: number;
}

/** A canvas with one choice of every link, before invalid choices are removed. */
export interface Part {
  readonly canvas: number;
  /** Allowed positions of each block. */
  readonly positions: readonly (readonly number[])[];
  /** Number of its combinations. */
  readonly combinations: number;
}

/** All combinations of a batch without rules, partitioned. */
export function* partsOf({ batch, stages, needs }: Blueprint): Generator<Part> {
  const links = new Map<string, number[]>();
  for (const [i, { link }] of batch.blocks.entries()) if (link) links.set(link, [...(links.get(link) ?? []), i]);
  const linked = [...links.values()].filter((together) => together.length > 1);
  const sizeOf = (block: number) => needs[block]?.length ?? 0;
  for (const [canvas = 0, ...along] of enumerate([stages.length, ...linked.map(([first = 0]) => sizeOf(first))])) {
    const positions = needs.map((choices) => choices.map((_, position) => position));
    for (const [i, together] of linked.entries()) for (const block of together) positions[block] = [along[i] ?? 0];
    yield { canvas, positions, combinations: positions.reduce((product, { length }) => product * length, 1) };
  }
}

/** Splits a part by its last visible block, without invalid choices. */
export function* scopesOf({ canvas, positions }: Part, { batch }: Blueprint, chooser: Chooser): Generator<Scope> {
  const options = positions.map((some, block) =>
    some.flatMap((position): Option[] => {
      const resolved = chooser.resolve(canvas, block, position);
      return resolved.kind === "fault" ? [] : [{ position, resolved }];
    }),
  );
  const videos = batch.blocks.flatMap(({ kind }, block) => (kind.case === "video" ? [block] : []));
  const isShown = ({ resolved }: Option) => resolved.kind === "video";
  for (const last of videos.keys()) {
    const wanted = options.map((some, block) => {
      const order = videos.indexOf(block);
      if (order < last) return some;
      return some.filter((option) => isShown(option) === (order === last));
    });
    if (wanted.every(({ length }) => length > 0)) yield { canvas, options: wanted, last };
  }
}
