import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Probe, probe } from "@polyreel/media/probe";
import { expect } from "vitest";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type CurlAnswer, curl, json } from "./curl.js";

export const ffmpeg = (...options: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...options]);
export const ID = expect.stringMatching(/^b[a-z2-7]{20}$/);
export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
export const WITHIN = { timeout: 60_000, interval: 100 };

/** Of `clip`. */
export const METADATA = {
  ...{ duration: expect.closeTo(2, 1), format: "mp4", resolution: "640x360", frameRate: 25 },
  ...{ bitrate: expect.any(Number), audioCodec: "aac", videoCodec: "h264", fileSize: expect.any(Number) },
};

/** Real services with media to send to their REST layer. */
export interface RestServer {
  readonly pipeline: Pipeline;
  readonly api: string;
  /** 640x360 with sound. */
  readonly clip: string;
  /** Without sound. */
  readonly mute: string;
  /** 1000x500. */
  readonly wide: string;
}

export async function startRestServer(): Promise<RestServer> {
  const pipeline = await startPipeline({
    POLYREEL_REST_OUTPUTS: "thumbnail, audio_extract, transcode_480p, transcode_720p, transcode_webm_480p",
  });
  const { folder, url } = pipeline;
  return {
    pipeline,
    api: `${url}/api/v1`,
    clip: await makeFootage(folder, "Präsentation 1.mp4", { seconds: 2, size: "640x360", rate: 25 }),
    mute: await makeFootage(folder, "mute.mp4", { seconds: 1, sound: false, size: "160x90" }),
    wide: await makeFootage(folder, "wide.mp4", { seconds: 1, size: "1000x500" }),
  };
}

/** Uploads a file; returns its id. */
export const upload = async ({ api }: RestServer, path: string): Promise<string> =>
  (await curl("-F", `file=@${path}`, `${api}/upload`)).body.file_id;

/** Starts a job, by default below /api/v1; returns its id. */
export const newJob = async ({ api }: RestServer, body: object, base = api): Promise<string> =>
  (await curl(...json(body), `${base}/jobs`)).body.job_id;

/** The answer of a job or video once it has ended. */
export async function ended(url: string): Promise<CurlAnswer["body"]> {
  let last: CurlAnswer | undefined;
  const status = async () => {
    last = await curl(url);
    return last.body.status;
  };
  await expect.poll(status, WITHIN).toMatch(/^(completed|failed)$/);
  return last?.body;
}

/** Probes a downloaded file, kept under a name. */
export async function probed({ pipeline }: RestServer, answer: CurlAnswer, name: string): Promise<Probe> {
  const path = join(pipeline.folder, name);
  await writeFile(path, Buffer.from(answer.body, "latin1"));
  return probe(path, { signal: new AbortController().signal });
}
