import { execFile } from "node:child_process";
import { promisify } from "node:util";

// Media that claim, or unpack to, far more than their size.

const run = promisify(execFile);

/** What ffmpeg writes to a pipe: an MKV then has no sizes and no index that an inserted element would make wrong. */
async function piped(...args: string[]): Promise<Buffer> {
  const { stdout } = await run("ffmpeg", ["-v", "error", ...args, "pipe:1"], {
    encoding: "buffer",
    maxBuffer: 1 << 26,
  });
  return stdout;
}

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=0.6"];
const SOUND = ["-f", "lavfi", "-i", "sine=duration=0.6"];

/** An element of EBML (RFC 8794), its id in hexadecimal. */
const element = (id: string, ...content: (Buffer | string | number)[]): Buffer => {
  const body = Buffer.concat(content.map(bytesOf));
  return Buffer.concat([Buffer.from(id, "hex"), sizeOf(body.length), body]);
};

function bytesOf(value: Buffer | string | number): Buffer {
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value !== "number") return value;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sizeOf(bytes: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(bytes) | (1n << 56n));
  return size;
}

const CLUSTER = Buffer.from("1f43b675", "hex");

/** A small MKV with a further element before its pictures. */
async function mkvWith(inserted: Buffer): Promise<Buffer> {
  const mkv = await piped(
    ...PICTURE,
    ...SOUND,
    "-c:v",
    "libx264",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
    "-f",
    "matroska",
  );
  const at = mkv.indexOf(CLUSTER);
  return Buffer.concat([mkv.subarray(0, at), inserted, mkv.subarray(at)]);
}

const many = (count: number, make: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i + 1)));

/** Tracks of sound without any packets. */
export const mkvOfTracks = (count: number): Buffer =>
  Buffer.concat([
    element("1a45dfa3", element("4282", "matroska")),
    element(
      "18538067",
      element("1549a966", element("2ad7b1", 1_000_000)),
      element(
        "1654ae6b",
        many(count, (i) =>
          element(
            "ae",
            element("d7", i),
            element("73c5", i),
            element("83", Buffer.of(2)),
            element("86", "A_PCM/INT/LIT"),
          ),
        ),
      ),
      element("1f43b675", element("e7", 0), element("a3", Buffer.from("81000080", "hex"), Buffer.alloc(100))),
    ),
  ]);

export const mkvOfChapters = (count: number): Promise<Buffer> =>
  mkvWith(
    element(
      "1043a770",
      element(
        "45b9",
        many(count, (i) => element("b6", element("73c4", i), element("91", i * 1000))),
      ),
    ),
  );

/** Tags in tags in tags. */
export function mkvOfNestedTags(depth: number): Promise<Buffer> {
  const bytesEach = 10;
  const tags = many(depth, (level) => Buffer.concat([Buffer.from("67c8", "hex"), sizeOf((depth - level) * bytesEach)]));
  return mkvWith(element("1254c367", element("7373", tags)));
}

/** Its directory says that the directory is where the directory is. */
export const mkvOfLoopingSeeks = (): Promise<Buffer> =>
  mkvWith(
    element(
      "114d9b74",
      many(1000, () => element("4dbb", element("53ab", Buffer.from("114d9b74", "hex")), element("53ac", 0))),
    ),
  );

/** VP8 whose key frames state another size (RFC 6386, 9.1). */
export async function vp8Of(width: number, height: number): Promise<Buffer> {
  const webm = await piped(...PICTURE, "-c:v", "libvpx", "-f", "webm");
  const start = Buffer.from("9d012a", "hex");
  for (let at = webm.indexOf(start); at >= 0; at = webm.indexOf(start, at + 1)) {
    webm.writeUInt16LE(width, at + 3);
    webm.writeUInt16LE(height, at + 5);
  }
  return webm;
}

/** An MP4, its index last. */
const mp4 = (): Promise<Buffer> =>
  piped(...PICTURE, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov");

/** An MP4 whose sample entry states another size (ISO 14496-12, 12.1.3). */
export async function mp4Of(width: number, height: number): Promise<Buffer> {
  const bytes = await mp4();
  const entry = bytes.indexOf("avc1", bytes.indexOf("stsd"));
  bytes.writeUInt16BE(width, entry + 28);
  bytes.writeUInt16BE(height, entry + 30);
  return bytes;
}

/** A fragment of an MP4 that claims to have this many pictures (ISO 14496-12, 8.8.8). */
export async function mp4OfPictures(count: number): Promise<Buffer> {
  const bytes = await mp4();
  bytes.writeUInt32BE(count, bytes.indexOf("trun") + 8);
  return bytes;
}

/** PCM of a second of noise at most, whatever its header states. */
export function wavOf(channels: number, sampleRate: number): Buffer {
  const bytes = Buffer.alloc(44 + channels * 2 * 4800, 7);
  bytes.write("RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0", 0, "latin1");
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE((sampleRate * channels * 2) % 2 ** 32, 28);
  bytes.writeUInt16LE((channels * 2) % 2 ** 16, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data\xff\xff\xff\xff", 36, "latin1");
  return bytes;
}

const HOURS = 36_000;

/** Ten hours of silence in some hundred kilobytes. */
export const longFlac = (): Promise<Buffer> =>
  piped(
    "-f",
    "lavfi",
    "-i",
    `anullsrc=r=8000:cl=mono:d=${HOURS}`,
    "-c:a",
    "flac",
    "-frame_size",
    "65535",
    "-f",
    "flac",
  );

/** Ten hours of one pixel, a picture an hour. */
export const longPixel = (): Promise<Buffer> =>
  piped(
    "-f",
    "lavfi",
    "-i",
    `color=red:size=16x16:rate=1/3600:duration=${HOURS}`,
    "-vf",
    "crop=1:1:0:0:exact=1,format=gray",
    "-c:v",
    "ffv1",
    "-f",
    "matroska",
  );
