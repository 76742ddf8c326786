import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, sourceKey } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { probeKey } from "./sources/source-probe.js";
import { Tenants } from "./tenants.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-tenants-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("keeps what it remembers of one tenant's sources and parts from all others", async () => {
  const { signal } = new AbortController();
  const tenants = new Tenants({ ...(await openFolderStore(folder)), presentForMs: 60_000 });
  const [own, other] = [tenants.of("own"), tenants.of("other")];
  const sha256 = createHash("sha256").update("footage").digest("hex");
  await own.store.put(sourceKey(sha256), Buffer.from("footage"));
  await own.store.put(await probeKey(sha256), Buffer.from("{}"));
  expect(await own.sources.knownProbe(sha256, signal)).toEqual({});
  await expect(other.sources.knownProbe(sha256, signal)).rejects.toMatchObject({ code: "not_found" });
  const sound = { kind: { case: "sound" as const, value: { sizes: [3], samples: 1024n } } };
  await own.parts.put("sound", sha256, Buffer.from("abc"), sound);
  expect(await own.parts.hasLately("sound", sha256)).toBe(true);
  expect(await other.parts.hasLately("sound", sha256)).toBe(false);
});
