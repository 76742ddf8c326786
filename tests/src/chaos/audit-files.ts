import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { decodedFrameCount } from "@polyreel/media/testing";
import type { Pipeline } from "../testing/pipeline.js";
import type { Delivered } from "./audit.js";
import { END_MS } from "./calls.js";

/** Files decoded, and virtual outputs requested, per batch. */
const SAMPLED = 2;
const LISTS = ["manifest.csv", "manifest.jsonl"];

/**
 * Checks that every delivered file exists with its certified size, that a sample decodes, and that nothing else is
 * beside them. Virtual outputs are served with their size. `folders`: allowed folders of the batch's outputs.
 */
export async function auditFiles(
  { out, url }: Pick<Pipeline, "out" | "url">,
  folders: readonly string[],
  { written, virtual }: Delivered,
) {
  const problems: string[] = [];
  let decoded = 0;
  for (const [path, { sizeBytes, frames }] of written) {
    const found = await stat(join(out, path)).catch(() => undefined);
    if (found?.size !== sizeBytes) problems.push(`${path} has ${found?.size ?? "no"} bytes, not ${sizeBytes}.`);
    else if (decoded++ < SAMPLED) {
      const shown = await decodedFrameCount(join(out, path)).catch(() => 0);
      if (shown !== frames) problems.push(`${path} shows ${shown} frames, not ${frames}.`);
    }
  }
  for (const [urlPath, { sizeBytes }] of [...virtual].slice(0, SAMPLED)) {
    const served = await bytesServed(url + urlPath);
    if (served !== sizeBytes) problems.push(`${urlPath} has ${served} bytes, not ${sizeBytes}.`);
  }
  let extra = 0;
  for (const folder of new Set([...folders, ...[...written.keys()].map((path) => dirname(path))])) {
    const entries = await readdir(join(out, folder), { withFileTypes: true }).catch((): never[] => []);
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")); // Those are checked elsewhere.
    extra += files.filter(({ name }) => !LISTS.includes(name) && !written.has(join(folder, name))).length;
  }
  return { problems, extra };
}

/** A gateway that was killed last may still be starting, or waiting for nats-server. */
async function bytesServed(address: string): Promise<number> {
  for (const until = Date.now() + END_MS; ; await delay(200)) {
    try {
      const answer = await fetch(address);
      const { byteLength } = await answer.arrayBuffer();
      if (answer.ok) return byteLength;
      if (Date.now() > until) throw new Error(`${address} answers ${answer.status}.`);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
