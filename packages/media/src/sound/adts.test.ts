import { describe, expect, it } from "vitest";
import { packetCount } from "./aac.js";
import { parseAdts } from "./adts.js";

/** AAC-LC, 48 kHz, stereo, 7 bytes of header. */
const frame = (...payload: number[]) => [
  0xff,
  0xf1,
  0x4c,
  0x80,
  (7 + payload.length) >> 3,
  ((7 + payload.length) & 7) << 5,
  0xfc,
  ...payload,
];

describe("an ADTS stream", () => {
  it("is split into packets and the decoder's configuration", () => {
    const { packets, decoderConfig } = parseAdts(Uint8Array.from([...frame(5), ...frame(6, 7)]));
    expect(packets.map((packet) => [...packet])).toEqual([[5], [6, 7]]);
    expect([...decoderConfig]).toEqual([0x11, 0x90]);
  });

  it.each([
    ["nothing", []],
    ["something else", [1, 2, 3, 4, 5, 6, 7, 8]],
    ["a frame that breaks off", frame(1, 2).slice(0, -1)],
    ["a frame after which something else follows", [...frame(1, 2), 9]],
  ])("is refused if it is %s", (_, bytes) => {
    expect(() => parseAdts(Uint8Array.from(bytes))).toThrow("The encoder wrote no");
  });

  it.each([
    [1, 2],
    [1024, 2],
    [1025, 3],
    [48000, 48],
  ])("of %i samples has %i packets, including the delay", (samples, packets) => {
    expect(packetCount(samples)).toBe(packets);
  });
});
