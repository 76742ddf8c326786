import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_SECRETS } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore } from "@polyreel/platform/blobs";
import { filesIn } from "@polyreel/platform/testing";
import { admissionOf } from "@polyreel/platform/web";
import { afterEach, beforeEach, expect } from "vitest";
import { SourceBuckets } from "../buckets/source-buckets.js";
import { type FetchedSource, type FetchOptions, fetchSource } from "../fetch-source.js";
import { DEFAULT_LIMITS, type FetchLimits } from "../limits.js";
import type { WebServer } from "./web-server.js";

export const BYTES = Buffer.alloc(300_000, "footage");
export const SHA256 = createHash("sha256").update(BYTES).digest("hex");

/** Short limits for fast tests. */
export const LIMITS: FetchLimits = {
  ...DEFAULT_LIMITS,
  maxBytes: 1_000_000,
  connectMs: 1000,
  stallMs: 150,
  deadlineMs: 5000,
  retryDelayMs: 5,
};

/** As without a file of buckets. */
export const NO_BUCKETS = new SourceBuckets({ current: async () => new Map() }, LIMITS, NO_SECRETS).of("default");

/** A store for each test; fetches from this machine's addresses are allowed. */
export function useFetching() {
  let folder = "";
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-fetch-"));
    store = await openFolderStore(folder);
  });
  afterEach(async () => {
    const leftovers = await filesIn(join(folder, "tmp"));
    await rm(folder, { recursive: true });
    expect(leftovers).toBe(0);
  });

  const fetched = (url: string, options: Partial<FetchOptions> = {}): Promise<FetchedSource> => {
    const { signal } = new AbortController();
    const admission = admissionOf("127.0.0.0/8");
    return fetchSource(url, { store, signal, limits: LIMITS, admission, buckets: NO_BUCKETS, ...options });
  };

  /**
   * The reason of a fetch that must fail, with "HOST" for the server's host. Checks that the error does not contain the
   * URL's query, and that no file or connection is left.
   */
  async function refusal(server: WebServer, path = "/a.mp4?key=secret", options: Partial<FetchOptions> = {}) {
    const failed = await fetched(server.url + path, options).then(
      () => new Error("It did not fail."),
      (error: unknown) => error,
    );
    if (!(failed instanceof PolyreelError) || failed.code !== "invalid") throw failed;
    const { reason, remedy } = failed.failure;
    expect(remedy).not.toBe("");
    expect(`${reason} ${remedy} ${JSON.stringify(failed.cause)} ${failed.stack}`).not.toContain("secret");
    expect(await readdir(folder)).toEqual([".format", "tmp"]);
    await expect.poll(() => server.open).toBe(0);
    return reason.replace(server.url.slice("http://".length), "HOST");
  }

  return {
    fetched,
    refusal,
    get folder() {
      return folder;
    },
    get store() {
      return store;
    },
  };
}
