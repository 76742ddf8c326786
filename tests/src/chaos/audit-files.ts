import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodedFrames } from "@polyreel/media/testing/read-back.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { Deliveries } from "./audit.js";

/** Of each batch so many files are decoded. */
const DECODED = 2;

/** Every delivered file is there and as large as certified, some decode; no other video lies beside them. */
export async function auditFiles({ out }: Pick<Pipeline, "out">, batchId: string, deliveries: Deliveries) {
  const problems: string[] = [];
  let decoded = 0;
  for (const [path, { sizeBytes, frames }] of deliveries) {
    const found = await stat(join(out, path)).catch(() => undefined);
    if (found?.size !== sizeBytes) problems.push(`${path} has ${found?.size ?? "no"} bytes, not ${sizeBytes}.`);
    else if (decoded++ < DECODED) {
      const shown = await decodedFrames(join(out, path)).catch(() => []);
      if (shown.length !== frames) problems.push(`${path} shows ${shown.length} frames, not ${frames}.`);
    }
  }
  let extra = 0;
  for (const folder of new Set([batchId, ...[...deliveries.keys()].map((path) => dirname(path))])) {
    const names = (await readdir(join(out, folder)).catch((): string[] => [])).filter((name) => name.endsWith(".mp4"));
    extra += names.filter((name) => !deliveries.has(join(folder, name))).length;
  }
  return { problems, extra };
}
