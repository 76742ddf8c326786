import type { Batch } from "@polyreel/contract";
import { choicesOf } from "@polyreel/spec";
import { enumerate } from "./enumeration.js";

/** A combination as the position of each block's choice, and of its canvas. */
export interface Point {
  readonly positions: readonly number[];
  readonly canvas: number;
}

/** Blocks whose choices are linked. */
export interface Axis {
  readonly size: number;
  readonly blocks: readonly number[];
}

export function axesOf({ blocks }: Batch): Axis[] {
  const axes = new Map<string, { size: number; blocks: number[] }>();
  for (const [i, block] of blocks.entries()) {
    const key = block.link === "" ? String(i) : `link ${block.link}`;
    const axis = axes.get(key);
    if (axis) axis.blocks.push(i);
    else axes.set(key, { size: choicesOf(block).length, blocks: [i] });
  }
  return [...axes.values()];
}

/** Number of points that the axes and canvases span. */
export const pointCount = (axes: readonly Axis[], canvases: number): number =>
  axes.reduce((product, { size }) => product * size, Math.max(1, canvases));

/** All of them. */
export function* pointsAlong(axes: readonly Axis[], canvases: number): Generator<Point> {
  const sizes = [Math.max(1, canvases), ...axes.map(({ size }) => size)];
  for (const [canvas = 0, ...along] of enumerate(sizes)) {
    const positions: number[] = [];
    for (const [i, { blocks }] of axes.entries()) for (const block of blocks) positions[block] = along[i] ?? 0;
    yield { positions, canvas };
  }
}

/**
 * Numbers of the points, from 1 in the order of the batch, all with as many digits. Rules and samples change none, so
 * that they may have gaps.
 */
export function numbering(batch: Batch): (point: Point) => string {
  const axes = axesOf(batch);
  const total = axes.reduce((product, { size }) => product * BigInt(size), BigInt(Math.max(1, batch.canvases.length)));
  const digits = String(total).length;
  return ({ positions, canvas }) => {
    let number = BigInt(canvas);
    for (const { size, blocks } of axes) number = number * BigInt(size) + BigInt(positions[blocks[0] ?? 0] ?? 0);
    return String(number + 1n).padStart(digits, "0");
  };
}
