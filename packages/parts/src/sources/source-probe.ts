import { ffmpegVersion } from "@polyreel/media/ffmpeg";
import type { Probe } from "@polyreel/media/probe";
import { probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { DamagedObject, probePrefix, readBytes, type Store } from "@polyreel/platform/blobs";
import { type OpenSource, withUnchanged } from "./open-source.js";

/** Raise it when a probe of the same bytes by the same ffmpeg has other contents or another shape. */
const PROBE_VERSION = 3;

/**
 * Probe of a source in the store. The first use probes it and keeps the result in the store, by version of ffmpeg.
 * Throws as `probe` does; failures are not kept.
 */
export async function sourceProbe(
  sha256: string,
  { store, source }: { store: Store; source: Pick<OpenSource, "path" | "assertUnchanged"> },
  { signal, keep = true }: { signal: AbortSignal; keep?: boolean },
): Promise<Probe> {
  const known = await keptProbe(sha256, store, signal);
  if (known) return known;
  const found = await withUnchanged([source], () => probe(source.path, { signal }));
  // Keeping it is optional, as it can be probed again; faults of the store show up where they matter.
  const key = await probeKey(sha256);
  if (keep) await store.put(key, Buffer.from(JSON.stringify(found)), { signal }).catch(() => {});
  return found;
}

/** The kept probe of a source; undefined if there is none by this version of ffmpeg. */
export async function keptProbe(sha256: string, store: Store, signal: AbortSignal): Promise<Probe | undefined> {
  return readBytes(store, await probeKey(sha256), { signal }).then(parse, absent);
}

/** `probes/<sha256>/<version>`. */
export async function probeKey(sha256: string): Promise<string> {
  const version = `${PROBE_VERSION}-${await ffmpegVersion()}`.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 100);
  return probePrefix(sha256) + version;
}

/** undefined if it is damaged. */
function parse(bytes: Uint8Array): Probe | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as Probe;
  } catch {
    return undefined;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof DamagedObject) return;
  if (!(error instanceof PolyreelError) || error.code !== "not_found") throw error;
}
