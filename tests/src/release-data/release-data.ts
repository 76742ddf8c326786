import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";
import { unpackArchive } from "../old-data/opened.js";
import { ARCHIVE } from "./archive.js";

/** Batches that the last release finished, and those that it was killed at. */
export type ReleaseBatch = "finished" | "failing" | "half" | "unplanned";

export interface ReleaseData {
  /** Its folders, as record.ts describes. */
  readonly folder: string;
  readonly version: string;
  readonly ids: Readonly<Record<ReleaseBatch, string>>;
  /** That release's own answers about batches that ended. */
  readonly answers: Readonly<Record<"finished" | "failing", { batch: JsonValue; combinations: JsonValue[] }>>;
}

export async function unpackReleaseData(): Promise<ReleaseData> {
  const folder = await unpackArchive(ARCHIVE);
  return { folder, ...JSON.parse(await readFile(join(folder, "release.json"), "utf8")) };
}
