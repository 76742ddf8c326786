import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { makeFont } from "@polyreel/media/testing";

/** Possible uses of a file. */
export type Use = "footage" | "still" | "bed" | "font";

/** A good file, to be damaged. */
export interface Specimen {
  readonly name: string;
  readonly use: Use;
  readonly bytes: Buffer;
}

const PICTURE = "testsrc2=size=96x64:rate=25:duration=0.6";
const SOUND = "sine=frequency=440:duration=0.6:sample_rate=44100";
const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

/** Small ones of many containers and codecs, by the options that make them. */
const FILMS: Readonly<Record<string, readonly string[]>> = {
  "h264.mp4": [...X264, "-c:a", "aac"],
  "front.mp4": [...X264, "-c:a", "aac", "-movflags", "+faststart"],
  "pieces.mp4": [...X264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-g", "5"],
  "h264.mov": [...X264, "-c:a", "pcm_s16le"],
  "mpeg4.avi": ["-c:v", "mpeg4", "-c:a", "mp3"],
  "mjpeg.avi": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"],
  "vp8.webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"],
  "h264.mkv": [...X264, "-c:a", "flac"],
  "ffv1.mkv": ["-c:v", "ffv1", "-c:a", "libopus"],
  "mpeg2.ts": ["-c:v", "mpeg2video", "-c:a", "mp2"],
  "mpeg1.mpg": ["-c:v", "mpeg1video", "-c:a", "mp2"],
  "flv1.flv": ["-c:v", "flv1", "-c:a", "mp3"],
  "wmv2.wmv": ["-c:v", "wmv2", "-c:a", "wmav2"],
  "theora.ogv": ["-c:v", "libtheora", "-c:a", "libvorbis"],
  "moves.gif": ["-an", "-r", "10"],
};
const STILLS: Readonly<Record<string, readonly string[]>> = {
  "s.png": [],
  "s.jpg": ["-pix_fmt", "yuvj420p"],
  "s.bmp": [],
  "s.tiff": [],
  "s.webp": ["-c:v", "libwebp"],
};
const BEDS: Readonly<Record<string, readonly string[]>> = {
  "b.wav": ["-c:a", "pcm_s16le"],
  "b.mp3": ["-c:a", "libmp3lame"],
  "b.flac": [],
  "b.m4a": ["-c:a", "aac"],
  "b.ogg": ["-c:a", "libvorbis"],
  "b.aiff": [],
  "b.ac3": [],
};

const REAL_USES: Readonly<Record<string, Use>> = { mp4: "footage", webm: "footage", jpg: "still", mp3: "bed" };

const SYSTEM_FONTS = "/usr/share/fonts";

/** One installed font of each kind, the smallest. */
async function systemFonts(): Promise<Specimen[]> {
  const entries = await readdir(SYSTEM_FONTS, { recursive: true, withFileTypes: true }).catch((): never[] => []);
  const found: Specimen[] = [];
  for (const kind of [".ttf", ".otf"]) {
    const paths = entries
      .filter(({ name }) => name.endsWith(kind))
      .map(({ parentPath, name }) => join(parentPath, name));
    const sizes = await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
    const [smallest] = sizes.filter(({ size }) => size > 10_000).sort((a, b) => a.size - b.size);
    if (smallest) found.push({ name: `system${kind}`, use: "font", bytes: await readFile(smallest.path) });
  }
  return found;
}

/** Makes specimens in `folder`, and reads real recordings if there are any. */
export async function makeSpecimens(folder: string, real: string | undefined): Promise<Specimen[]> {
  const made = async (use: Use, name: string, inputs: string[], options: readonly string[]): Promise<Specimen> => {
    const file = join(folder, name);
    await runFfmpeg({
      inputs: inputs.map((lavfi) => ({ lavfi })),
      outputs: [{ file, options }],
      signal: new AbortController().signal,
      deadlineSeconds: 60,
      maxOutputBytes: 1 << 26,
    });
    return { name, use, bytes: await readFile(file) };
  };
  const specimens: Specimen[] = [
    { name: "squares.ttf", use: "font", bytes: makeFont("Squares", "HoaxNow ") },
    ...(await systemFonts()),
  ];
  for (const [name, options] of Object.entries(FILMS)) {
    specimens.push(await made("footage", name, options.includes("-an") ? [PICTURE] : [PICTURE, SOUND], options));
  }
  const one = ["-frames:v", "1", "-update", "1"];
  for (const [name, options] of Object.entries(STILLS)) {
    specimens.push(await made("still", name, [PICTURE], [...one, ...options]));
  }
  for (const [name, options] of Object.entries(BEDS)) specimens.push(await made("bed", name, [SOUND], options));
  for (const name of real ? await readdir(real) : []) {
    const use = REAL_USES[name.split(".").at(-1) ?? ""];
    if (real && use) specimens.push({ name, use, bytes: await readFile(join(real, name)) });
  }
  return specimens;
}
