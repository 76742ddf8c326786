import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { probe } from "@polyreel/media/probe";
import { openTestBucket, type S3Server, SEAWEED, startSeaweed, type TestBucket } from "@polyreel/platform/testing";
import { JOE_FOLDER, type ProviderServer, startElevenLabsServer, startOpenAiServer } from "@polyreel/tts/testing";
import { RecordingDrive } from "@polyreel/uploader/drive/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeMedia } from "./guide/media.js";
import { pictureProblem, tilesOf } from "./guide/page-picture.js";
import { PICTURES, WITHOUT_PICTURE } from "./guide/pictures.js";

const GUIDE = fileURLToPath(new URL("../../docs/guide/", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../cli/bin/polyreel.mjs", import.meta.url));

/**
 * Expected results of each batch: videos (or another noun, `of`), and clips if the page states them; of some, `sample`
 * videos are rendered first. Each is shown on the page of its name, or another.
 */
const BATCHES: Record<string, { videos: number; clips?: number; sample?: number; of?: string; page?: string }> = {
  "hooks-bodies-ctas": { videos: 18, clips: 14 },
  "two-languages": { videos: 4 },
  "square-and-vertical": { videos: 6 },
  captions: { videos: 8 },
  pronunciation: { videos: 2 },
  "your-own-voice-over": { videos: 6 },
  subtitles: { videos: 8 },
  "sample-first": { videos: 36, clips: 11, sample: 4 }, // 3 hooks under 3 headlines, and 2 bodies
  "many-ads": { videos: 500, clips: 20, sample: 20, page: "sample-first" },
  "music-and-effects": { videos: 4 },
  texts: { videos: 4 },
  "provider-voices": { videos: 2 },
  "piper-voices": { videos: 2 },
  "sources-from-the-web": { videos: 2 },
  "media-in-s3": { videos: 4 },
  "other-places": { videos: 2 },
  "videos-to-google-drive": { videos: 4 },
  "videos-to-s3": { videos: 4 },
  virtual: { videos: 12, clips: 7 },
  again: { videos: 8 },
  outputs: { videos: 2 },
  inputs: { videos: 3, of: "inputs" },
  images: { videos: 2, of: "inputs" },
  approval: { videos: 4 },
  transcode: { videos: 2, of: "inputs" },
  waveforms: { videos: 2, of: "inputs" },
  "transcode-blocks": { videos: 4, clips: 4, page: "transcode" },
  thumbnails: { videos: 2, of: "inputs" },
  events: { videos: 2, clips: 3 },
  jobs: { videos: 2 },
  links: { videos: 4 },
  notifications: { videos: 2 },
  products: { videos: 100, clips: 100 },
  "ad-names": { videos: 6 },
};

/** Pages without videos, each tried by a test of its own. */
const WITHOUT_BATCH = [
  "README.md",
  "audit.md",
  "behind-nginx.md",
  "dashboard.md",
  "keys.md",
  "nats-users.md",
  "people.md",
  "quotas.md",
  "rest.md",
  "secrets.md",
  "single-sign-on.md",
  "tls.md",
  "uploads.md",
];

/** Number of folders that each video is written to, if it is not one. */
const FOLDERS: Readonly<Record<string, number>> = {
  ...{ virtual: 0, outputs: 2, inputs: 0, images: 0, thumbnails: 0, transcode: 3, waveforms: 0, "transcode-blocks": 2 },
  ...{ "videos-to-google-drive": 0, "videos-to-s3": 0 },
};

/** Canvases are realistic in the guide, and a sixth of that size here, or what `PICTURES` has. */
const SHRUNK = 6;

let folder: string;
let drive: RecordingDrive;
let providers: readonly ProviderServer[];
let s3: S3Server | undefined;
let bucket: TestBucket | undefined;

const files = createServer(async ({ url = "/" }, response) => {
  const name = basename(new URL(url, "http://x").pathname);
  response.end(await readFile(join(folder, "media", name)));
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-guide-"));
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  await makeMedia(join(folder, "media"), folder);
  await mkdir(join(folder, "archive"));
  await copyFile(join(GUIDE, "batches/products.csv"), join(folder, "products.csv"));
  providers = [await startElevenLabsServer(), await startOpenAiServer()];
  await writeVoices(providers.map(({ url }) => url));
  drive = await RecordingDrive.start();
  await writeFile(join(folder, "drive.json"), drive.userCredentials());
  let destinations = `archive: {type: folder, path: archive}
team: {type: drive, credentials: drive.json, folder: {path: Ads/2026}, endpoint: "${drive.url}"}
`;
  if (SEAWEED) {
    s3 = await startSeaweed();
    bucket = await openTestBucket(s3, { bucket: "ads", prefix: "campaigns" });
    const { accessKeyId, secretAccessKey } = s3.keys;
    await writeFile(
      join(folder, "ads-keys"),
      `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    destinations += `ads: {type: s3, address: "s3://ads/campaigns?endpoint=${s3.endpoint}", credentials: ads-keys}\n`;
  }
  await writeFile(join(folder, "destinations.yaml"), destinations);
});
afterAll(async () => {
  files.close();
  await drive?.close();
  for (const provider of providers ?? []) await provider.close();
  await s3?.close();
  await rm(folder, { recursive: true, force: true });
});

const pageOf = (batch: string): string => BATCHES[batch]?.page ?? batch;

test("every page shows its batch file verbatim", async () => {
  const shown = (await readdir(join(GUIDE, "batches"))).filter((name) => name.endsWith(".yaml"));
  const named = shown.map((name) => name.replace(/\.yaml$/, ""));
  expect(named.sort()).toEqual(Object.keys(BATCHES).sort());
  const pages = (await readdir(GUIDE)).filter((name) => name.endsWith(".md") && !WITHOUT_BATCH.includes(name));
  const pagesShown = new Set(named.map((name) => pageOf(name)));
  expect(pages.map((name) => name.replace(/\.md$/, "")).sort()).toEqual([...pagesShown].sort());
  const index = await readFile(join(GUIDE, "README.md"), "utf8");
  for (const name of named) {
    const page = await readFile(join(GUIDE, `${pageOf(name)}.md`), "utf8");
    expect(page).toContain(`\`\`\`yaml\n${await readFile(join(GUIDE, "batches", `${name}.yaml`), "utf8")}\`\`\``);
    expect(page).toMatch(new RegExp(`\\b${BATCHES[name]?.videos} ${BATCHES[name]?.of ?? "videos"}`));
    expect(index).toContain(`(${pageOf(name)}.md)`);
  }
});

// Concurrent: starting and ending a render is mostly waiting.
test.concurrent.for(Object.entries(BATCHES))("%s", async ([name, { videos, clips, sample }], { expect, skip }) => {
  skip(name === "videos-to-s3" && !SEAWEED, "needs SeaweedFS");
  skip(name === "piper-voices" && !JOE_FOLDER, "needs Piper's voice joe");
  await smaller(name);
  const sampled = sample && (await render(name, "--sample", String(sample)));
  const done = await render(name);
  expect(done.failures).toEqual([]);
  expect(done.combinations).toEqual({ planned: videos, delivered: videos, failed: 0 });
  if (sampled) {
    expect(sampled.combinations).toMatchObject({ planned: sample, delivered: sample });
    expect(done.parts.clips.reused).toBe(sampled.parts.clips.distinct);
    const files = done.outputs.map(({ file }) => file);
    for (const { file } of sampled.outputs) expect(files).toContain(file);
  }
  if (name === "many-ads" && sampled) {
    const labels = sampled.outputs.map(({ file }) => basename(file, ".mp4").split("_"));
    for (const [block, times] of [2, 2, 4].entries()) {
      const used = labels.map((one) => one[block]);
      expect(used.map((label) => used.filter((other) => other === label).length)).toEqual(used.map(() => times));
    }
    expect(sampled.parts.clips.distinct).toBe(20);
  }
  if (clips) expect(done.parts.clips.distinct).toBe(clips);
  const found = await readdir(join(folder, `out-${name}`), { recursive: true }).catch((): string[] => []);
  const made = found.filter((file) => !file.includes(".polyreel"));
  expect(made.filter((file) => file.endsWith(".mp4")).length).toBe(videos * (FOLDERS[name] ?? 1));
  if (pageOf(name) === name && !WITHOUT_PICTURE.includes(name))
    expect(await pictureProblem(name, join(folder, `out-${name}`), tilesOf(made, PICTURES[name]))).toBe("");
  if (name === "other-places")
    expect((await readdir(join(folder, "archive/spring"))).sort()).toEqual([
      ...[".polyreel", "hook-a.mp4", "hook-b.mp4", "manifest.csv", "manifest.jsonl"],
    ]);
  const delivered = ["hook-a", "hook-b"].flatMap((hook) => ["delivery", "price"].map((text) => `${hook}_${text}.mp4`));
  const inSpring = [...delivered, "manifest.csv", "manifest.jsonl"].map((file) => `spring/${file}`);
  if (name === "videos-to-s3") expect((await bucket?.keys())?.sort()).toEqual(inSpring);
  if (name === "videos-to-google-drive")
    expect(drive.user().files().sort()).toEqual(inSpring.map((file) => `Ads/2026/${file}`));
  if (name === "outputs") {
    for (const suffix of [".webp", ".srt", ".vtt", ".m4a"])
      expect(made.filter((file) => file.endsWith(suffix)).length, suffix).toBe(videos);
  }
  if (name === "inputs") {
    const files = ["talk", "interview", "keynote"].flatMap((input) =>
      [".jpg", ".m4a", ".sheet.jpg"].map((end) => `talks-${input}${end}`),
    );
    expect(made.filter((file) => file.startsWith("talks-")).sort()).toEqual(files.sort());
  }
  if (name === "ad-names") {
    const [header, row] = (await readFile(join(folder, `out-${name}`, "manifest.csv"), "utf8")).split("\r\n");
    expect(header).toBe(
      "\uFEFFhook,offer,offer.budget,offer.page,Ad name,Landing page,Daily budget," +
        "file,poster,seconds,loudness,status,reason,changed,output,id",
    );
    expect(row).toMatch(
      /^hook-a,half,50,sale,june-ads \| hook-a \| half,https:\/\/shop\.example\/sale\?utm_campaign=june-ads&utm_content=hook-a-half,50,june-ads_2026-06-01_hook-a_half\.mp4,june-ads_2026-06-01_hook-a_half\.jpg,1\.2,[-\d.]+,delivered,,,video,\w+$/,
    );
  }
  if (name === "transcode") {
    const files = ["talk", "interview"].flatMap((input) => [
      ...[".mp4", ".teaser.mp4", ".mp3", ".json", ".preview.gif"].map((end) => `web-${input}${end}`),
      ...[`open/web-${input}.webm`, `small/web-${input}.small.mp4`],
    ]);
    expect(made.filter((file) => /web-/.test(file)).sort()).toEqual(files.sort());
  }
  if (name === "waveforms") {
    const files = ["talk", "song"].flatMap((input) => [`waves-${input}.waveform.png`, `waves-${input}.waveform.json`]);
    expect(made.filter((file) => file.startsWith("waves-")).sort()).toEqual(files.sort());
    const read = await readFile(join(folder, `out-${name}`, "waves-song.waveform.json"), "utf8");
    expect(JSON.parse(read)).toMatchObject({ samples_per_pixel: 960 });
  }
  if (name === "transcode-blocks") {
    // Tracks of four clips and of four soundtracks, for each of two outputs.
    expect(done.parts.renditions.distinct).toBe(16);
    for (const { file } of done.outputs.filter(({ file }) => file.includes(".web"))) {
      const { video } = await probe(join(folder, `out-${name}`, file), { signal: new AbortController().signal });
      expect(`${video?.width}x${video?.height}`).toBe("120x214");
    }
    expect(made.filter((file) => file.endsWith(".webm")).length).toBe(videos);
  }
  if (name === "thumbnails") {
    const files = ["talk", "interview"].flatMap((input) => [
      ...[".chapter-1.jpg", ".chapter-2.jpg", ".storyboard.jpg", ".storyboard.vtt", ".webp"].map((end) => input + end),
      ...[1, 2, 3].map((n) => `${input}/shot-${n}.jpg`),
    ]);
    expect(made.filter((file) => /\.(jpg|vtt|webp)$/.test(file)).sort()).toEqual(files.sort());
  }
  if (name === "images") {
    const suffixes = { ".webp": "200x300", ".jpg": "100x100", ".preview.jpg": "200x300", ".png": "150x100" };
    const { signal } = new AbortController();
    for (const input of ["cta-shop", "call"]) {
      for (const [suffix, size] of Object.entries(suffixes)) {
        const { video } = await probe(join(folder, `out-${name}`, `photos-${input}${suffix}`), { signal });
        expect(`${video?.width}x${video?.height}`, suffix).toBe(size);
      }
    }
    expect(made.filter((file) => file.startsWith("photos-")).length).toBe(8);
  }
  if (name === "square-and-vertical") expect(made.filter((file) => file.endsWith(".jpg")).length).toBe(2 * videos);
});

test("every page shows the picture of its batch", async () => {
  const pictured = Object.keys(BATCHES).filter((name) => pageOf(name) === name && !WITHOUT_PICTURE.includes(name));
  // Those of the dashboard are made by its own tests.
  const pictures = (await readdir(join(GUIDE, "pictures"))).filter((name) => !name.startsWith("dashboard"));
  expect(pictures.sort()).toEqual(pictured.map((name) => `${name}.jpg`).sort());
  for (const name of pictured) {
    expect(await readFile(join(GUIDE, `${name}.md`), "utf8")).toMatch(
      new RegExp(`^# .+\n\n!\\[[^\\]]{10,}\\]\\(pictures/${name}\\.jpg\\)\n`),
    );
    expect((await stat(join(GUIDE, "pictures", `${name}.jpg`))).size, name).toBeLessThan(60_000);
  }
});

/** Puts a small copy of a page's batch file beside the media; URLs are replaced by a local server's. */
async function smaller(name: string): Promise<void> {
  const text = await readFile(join(GUIDE, "batches", `${name}.yaml`), "utf8");
  const { port } = files.address() as AddressInfo;
  const small = text
    .replace("approve: true\n", "") // Videos of `render` cannot be approved.
    .replace(/notify:\n.*/s, "") // `render` notifies nobody.
    .replace(
      /(width|height): (\d{3,})/g,
      (_, side: string, pixels: string) => `${side}: ${Number(pixels) / (PICTURES[name]?.shrunk ?? SHRUNK)}`,
    )
    .replaceAll("https://media.example/", `http://127.0.0.1:${port}/`);
  await writeFile(join(folder, `${name}.yaml`), small);
}

/** The guide's providers, at local servers. */
async function writeVoices([eleven = "", studio = ""]: readonly string[]): Promise<void> {
  const page = await readFile(join(GUIDE, "provider-voices.md"), "utf8");
  const [, text = ""] = /```yaml\n(eleven:\n[\s\S]*?)```/.exec(page) ?? [];
  const local = text
    .replace("  credentials", `  endpoint: ${eleven}\n  credentials`)
    .replace(/http:.*(?=\/v1)/, studio);
  expect(local).toContain(`${studio}/v1`);
  await writeFile(join(folder, "voices.yaml"), local);
  await writeFile(join(folder, "eleven-key"), "sk_guide\n");
}

interface Result {
  combinations: { planned: number; delivered: number; failed: number };
  parts: { clips: { distinct: number; made: number; reused: number }; renditions: { distinct: number } };
  outputs: { file: string }[];
  failures: { block: string; choice: string; reason: string }[];
}

async function render(name: string, ...more: string[]): Promise<Result> {
  const args = ["render", `${name}.yaml`, "--out", `out-${name}`, "--store", `store-${name}`, "--json", "--quiet"];
  const voices = {
    ...(name === "provider-voices" && { POLYREEL_VOICES: "voices.yaml" }),
    ...(name === "piper-voices" && { POLYREEL_PIPER_VOICES: JOE_FOLDER }),
  };
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args, ...more], {
    cwd: folder,
    env: { ...process.env, POLYREEL_FETCH_ALLOW: "127.0.0.1", POLYREEL_DESTINATIONS: "destinations.yaml", ...voices },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
      output[stream] += chunk;
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, stderr: output.stderr, failures: JSON.parse(output.stdout || "{}").failures }).toEqual({
    code: 0,
    stderr: "",
    failures: [],
  });
  return JSON.parse(output.stdout);
}
