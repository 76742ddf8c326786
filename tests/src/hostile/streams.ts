import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FfmpegInput } from "@polyreel/media/ffmpeg";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { makeFontBomb } from "@polyreel/media/testing";
import { png } from "./bombs.js";
import type { Trap } from "./traps.js";

const PICTURE = "testsrc2=size=96x64:rate=25:duration=0.6";
const SOUND = "sine=frequency=440:duration=0.6:sample_rate=44100";
const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough"];

/** Jumping times, by the graph and the options that make the file. */
const LEAPS: Readonly<Record<string, readonly [graph: string, ...options: string[]]>> = {
  "hours-of-silence.mka": [`${SOUND},asetpts=PTS+gt(T\\,0.3)*36000/TB`, "-c:a", "pcm_s16le"],
  "late-sound.mka": [`${SOUND},asetpts=PTS+floor(T*20)*1700/TB`, "-c:a", "flac"],
  "hours-of-one-picture.mp4": [`${PICTURE},setpts=PTS+gt(T\\,0.3)*80000/TB`, ...X264],
  "a-picture-a-day.mkv": [`${PICTURE},setpts=PTS*86400*25`, ...X264],
  "thousands-a-second.mp4": ["testsrc2=size=96x64:rate=20000:duration=0.1", ...X264],
};

/** Codecs of unexpected origin. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  "zmbv.mkv": ["-c:v", "zmbv"],
  "asv1.avi": ["-c:v", "asv1"],
  "flashsv.flv": ["-c:v", "flashsv"],
};

/** Attacks by streams; `folder` is for making them. */
export async function streams(folder: string): Promise<Trap[]> {
  const made = async (name: string, inputs: FfmpegInput[], options: readonly string[]): Promise<Trap> => {
    const file = join(folder, name);
    const { signal } = new AbortController();
    await runFfmpeg({ inputs, outputs: [{ file, options }], signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 });
    return { name, bytes: await readFile(file) };
  };
  const traps: Trap[] = [{ name: "circles.ttf", bytes: makeFontBomb("Circles", "HoaxNow ") }];
  for (const [name, [graph, ...options]] of Object.entries(LEAPS)) {
    traps.push(await made(name, [{ lavfi: graph }], options));
  }
  for (const [name, options] of Object.entries(FOREIGN)) traps.push(await made(name, [{ lavfi: PICTURE }], options));
  const sound = await made("plain.mp3", [{ lavfi: SOUND }], ["-c:a", "libmp3lame", "-id3v2_version", "0"]);
  traps.push({ name: "cover.mp3", bytes: withCover(sound.bytes, png(60_000, 60_000, false)) });

  const words = join(folder, "words.srt");
  await writeFile(words, "1\n00:00:00,000 --> 00:00:00,500\n{\\p1}m 0 0 l 9 9<font face='file:///etc/passwd'>x\n");
  const bait = join(folder, "bait.ttf");
  await writeFile(bait, makeFontBomb("Circles", "x"));
  const brought = ["-attach", bait, "-metadata:s:t", "mimetype=application/x-truetype-font", "-c:s", "ass"];
  traps.push(
    await made(
      "brings-fonts.mkv",
      [{ lavfi: PICTURE }, { file: words }],
      [...X264, "-map", "0", "-map", "1", ...brought],
    ),
  );
  return traps;
}

/** A sound with a cover picture (ID3v2.3, APIC). */
function withCover(sound: Buffer, picture: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from("\0image/png\0\x03\0", "latin1"), picture]);
  const frame = Buffer.alloc(10);
  frame.write("APIC");
  frame.writeUInt32BE(body.length, 4);
  const head = Buffer.from("ID3\x03\0\0\0\0\0\0", "latin1");
  const size = frame.length + body.length;
  // Seven bits per byte.
  for (let i = 0; i < 4; i++) head[6 + i] = (size >> (7 * (3 - i))) & 0x7f;
  return Buffer.concat([head, frame, body, sound]);
}
