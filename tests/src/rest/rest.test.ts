import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { curl } from "./curl.js";

let pipeline: Pipeline;
let api: string;
let clip: string;

beforeAll(async () => {
  pipeline = await startPipeline();
  api = `${pipeline.url}/api/v1`;
  clip = await makeFootage(pipeline.folder, "talk.mp4", { seconds: 2, size: "640x360" });
});
afterAll(() => pipeline?.close());

const json = (body: unknown) => ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];

async function ended(url: string) {
  let last: Awaited<ReturnType<typeof curl>> | undefined;
  await expect
    .poll(
      async () => {
        last = await curl(url);
        return last.body.status;
      },
      { timeout: 60_000, interval: 100 },
    )
    .toMatch(/^(completed|failed)$/);
  return last?.body;
}

async function probed(bytes: string, name: string) {
  const path = join(pipeline.folder, name);
  await writeFile(path, Buffer.from(bytes, "latin1"));
  return probe(path, { signal: new AbortController().signal });
}

it("uploads a file, makes a thumbnail, and gives it back", async () => {
  const uploaded = await curl("-F", `file=@${clip}`, `${pipeline.url}/upload`);
  expect(uploaded).toMatchObject({ status: 201, body: { file_id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  const { file_id } = uploaded.body;
  const created = await curl(...json({ file_id, operation: "thumbnail" }), `${pipeline.url}/jobs`);
  expect(created).toMatchObject({ status: 202, body: { job_id: expect.any(String) } });
  const { job_id } = created.body;
  const job = await ended(`${pipeline.url}/jobs/${job_id}`);
  expect(job).toMatchObject({ job_id, status: "completed", download_url: `/jobs/${job_id}/download` });
  const result = await curl(`${pipeline.url}${job.download_url}`);
  expect(result).toMatchObject({ status: 200, type: "image/jpeg" });
  expect((await probed(result.body, "thumb.jpg")).video).toMatchObject({ codec: "mjpeg", width: 320, height: 180 });
});
