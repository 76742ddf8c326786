import { deflateSync } from "node:zlib";

type Row = readonly [number, number, number];

/** Red, green and blue of well-known profiles as XYZ under D50, one a row, as listed in published profiles. */
export const COLORANTS = {
  srgb: [
    [0.43604, 0.22248, 0.01392],
    [0.38511, 0.71691, 0.09707],
    [0.14305, 0.06061, 0.71391],
  ],
  displayP3: [
    [0.51512, 0.24119, -0.00105],
    [0.29198, 0.69224, 0.04188],
    [0.1571, 0.06657, 0.78407],
  ],
  adobeRgb: [
    [0.60974, 0.31111, 0.01947],
    [0.20527, 0.62568, 0.06087],
    [0.14919, 0.06321, 0.74456],
  ],
  proPhoto: [
    [0.79772, 0.28805, 0],
    [0.13516, 0.71187, 0],
    [0.03132, 0.00008, 0.82489],
  ],
  rec2020: [
    [0.67348, 0.27904, -0.00193],
    [0.16567, 0.67534, 0.02998],
    [0.12505, 0.04561, 0.79685],
  ],
} satisfies Record<string, readonly [Row, Row, Row]>;

/** Tone curves as encoded in profiles. */
export const CURVES = {
  srgb: parametric([2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]),
  srgbTable: table((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)),
  gamma: (g: number) => tag("curv", u32(1), u16(Math.round(g * 256))),
};

/** Builds a matrix-based ICC profile for tests. */
export function buildProfile(colorants: readonly [Row, Row, Row], curve: Buffer): Buffer {
  const tags = [
    ...["rXYZ", "gXYZ", "bXYZ"].map((name, i) => ({ name, bytes: tag("XYZ ", ...(colorants[i] ?? []).map(fixed)) })),
    ...["rTRC", "gTRC", "bTRC"].map((name) => ({ name, bytes: curve })),
  ];
  let offset = 128 + 4 + 12 * tags.length;
  const index = tags.map(({ name, bytes }) => {
    const entry = Buffer.concat([Buffer.from(name), u32(offset), u32(bytes.length)]);
    offset += bytes.length;
    return entry;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.write("\x04\x30", 8, "latin1");
  header.write("mntrRGB XYZ ", 12, "latin1");
  header.write("acsp", 36, "latin1");
  Buffer.concat([0.9642, 1, 0.8249].map(fixed)).copy(header, 68); // D50
  return Buffer.concat([header, u32(tags.length), ...index, ...tags.map(({ bytes }) => bytes)]);
}

/** Embeds a profile into a JPEG, split into pieces. */
export function jpegWith(jpeg: Buffer, profile: Buffer, pieces = 1): Buffer {
  const length = Math.ceil(profile.length / pieces);
  const segments = Array.from({ length: pieces }, (_, i) => {
    const piece = profile.subarray(i * length, (i + 1) * length);
    const head = Buffer.from(`ICC_PROFILE\0${String.fromCharCode(i + 1, pieces)}`, "latin1");
    return Buffer.concat([u16(0xffe2), u16(2 + head.length + piece.length), head, piece]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Embeds a profile into a PNG, without a checksum, which readers ignore. */
export function pngWith(png: Buffer, profile: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from("a profile\0\0", "latin1"), deflateSync(profile)]);
  const afterHeader = 33;
  const chunk = Buffer.concat([u32(data.length), Buffer.from("iCCP"), data, u32(0)]);
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}

/** Converts a simple WebP into an extended one with a profile. */
export function webpWith(webp: Buffer, { width, height }: { width: number; height: number }, profile: Buffer): Buffer {
  const odd = profile.length % 2 === 1 ? [Buffer.alloc(1)] : [];
  const size = Buffer.alloc(10);
  size[0] = 0x20; // Flag: a profile follows.
  size.writeUIntLE(width - 1, 4, 3);
  size.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([
    ...[Buffer.from("WEBPVP8X"), u32le(size.length), size],
    ...[Buffer.from("ICCP"), u32le(profile.length), profile, ...odd],
    webp.subarray(12),
  ]);
  return Buffer.concat([Buffer.from("RIFF"), u32le(body.length), body]);
}

function parametric(numbers: readonly number[]): Buffer {
  return tag("para", u16(3), u16(0), ...numbers.map(fixed));
}

function table(light: (code: number) => number): Buffer {
  const numbers = Array.from({ length: 1024 }, (_, i) => u16(Math.round(65535 * light(i / 1023))));
  return tag("curv", u32(numbers.length), ...numbers);
}

function tag(kind: string, ...data: Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.from(kind), u32(0), ...data]);
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65536));
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
