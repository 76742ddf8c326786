import type { Trap } from "./traps.js";

/** Animations of a few kB that decompress to hours of work: pixels x frames is their cost. */
export const films = (): Trap[] => [
  { name: "great.film.gif", bytes: animation(14_000, 200) },
  { name: "long.film.gif", bytes: animation(16, 300_000) },
  { name: "both.film.gif", bytes: animation(2000, 20_000) },
];

/** A square GIF whose frames change one pixel each. */
function animation(side: number, frames: number): Buffer {
  const head = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff", "latin1");
  for (const at of [6, 8]) head.writeUInt16LE(side, at);
  // A graphic control extension (4/100 s), and an image of one pixel in its upper left corner.
  const frame = Buffer.from("!\xf9\x04\x04\x04\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0", "latin1");
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from(";")]);
}
