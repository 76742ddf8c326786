import type { ClipIndex, SoundIndex } from "@polyreel/contract";
import { u32s } from "./boxes.js";

/** Positions of the packets in a part's payload, and their sizes as encoded in an `stsz` box. */
export interface PacketTable {
  packets: number;
  /** Position of each packet in the payload, in bytes, and of its end. */
  positions: Float64Array;
  sizes: Buffer;
}

/** A clip's packets, with the contents of `ctts` and `stss`. */
export interface ClipTable extends PacketTable {
  /** `ctts` entries: count and offset, 8 bytes each. */
  compositionOffsets: Buffer;
}

const tables = new WeakMap<ClipIndex | SoundIndex, PacketTable>();
const clipTables = new WeakMap<ClipIndex, ClipTable>();

/**
 * The table of a part, computed once per index object: a part is joined into many outputs, and reusing its table makes
 * further headers cheap.
 */
export function packetTable(index: ClipIndex | SoundIndex): PacketTable {
  const ready = tables.get(index);
  if (ready) return ready;
  const positions = new Float64Array(index.sizes.length + 1);
  let position = 0;
  index.sizes.forEach((size, i) => {
    position += size;
    positions[i + 1] = position;
  });
  const table = { packets: index.sizes.length, positions, sizes: u32s(index.sizes) };
  tables.set(index, table);
  return table;
}

export function clipTable(index: ClipIndex): ClipTable {
  const ready = clipTables.get(index);
  if (ready) return ready;
  const table = { ...packetTable(index), compositionOffsets: u32s(runLengths(index.compositionOffsets)) };
  clipTables.set(index, table);
  return table;
}

/** Position of a packet in the payload; for the packet after the last, the payload's length. */
export const positionOf = (table: PacketTable, packet: number): number => table.positions[packet] ?? Number.NaN;

export const payloadBytes = (table: PacketTable): number => positionOf(table, table.packets);

/** Count and value of each run of equal values, flat. */
export function runLengths(values: readonly number[]): number[] {
  const runs: number[] = [];
  values.forEach((value, i) => {
    if (i > 0 && values[i - 1] === value) runs[runs.length - 2] = (runs.at(-2) ?? 0) + 1;
    else runs.push(1, value);
  });
  return runs;
}
