import type { PolyreelError } from "@polyreel/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliveriesTo, isChunk } from "./testing/drive-deliveries.js";
import { type OpenedDrive, openDrive } from "./testing/opened-drive.js";
import type { RecordedRequest } from "./testing/recording-drive.js";

let drive: OpenedDrive;
beforeEach(async () => {
  drive = await openDrive();
});
afterEach(() => drive.close());
const { put, visible } = deliveriesTo(() => drive);

describe("limits and outages", () => {
  it.each([
    ["403 userRateLimitExceeded", { refuse: 403, reason: "userRateLimitExceeded" }],
    ["403 rateLimitExceeded", { refuse: 403, reason: "rateLimitExceeded" }],
    ["429", { refuse: 429 }],
    ["500", { refuse: 500, reason: "backendError" }],
    ["503", { refuse: 503 }],
    ["a lost answer", "lose the answer"],
    ["silence", "stay silent"],
  ] as const)("of each request are waited out: %s", async (_what, fault) => {
    const failed = new Set<string>();
    const once = ({ method, path, range }: RecordedRequest) => {
      if (path === "/token") return false;
      const kind = `${method} ${path.replace(/[^/]{20,}$/, "<id>")} ${range ?? ""}`;
      if (failed.has(kind)) return false;
      failed.add(kind);
      return true;
    };
    drive.server.fail(once, fault, fault === "stay silent" ? 1 : 100);
    await put("one");
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(drive.user.folders()).toHaveLength(3);
  });

  it("that name a delay are waited for that long", async () => {
    drive.server.fail(isChunk, { refuse: 429, retryAfter: "1" });
    const began = performance.now();
    await put("one");
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it("that last are outages", async () => {
    drive.server.fail(isChunk, { refuse: 403, reason: "userRateLimitExceeded" }, 1000);
    await expect(put("one")).rejects.toMatchObject({ code: "unavailable", outage: true });
    drive.server.fail(({ method }) => method === "GET", { refuse: 429, retryAfter: "3600" });
    await expect(drive.another().exists()).rejects.toMatchObject({ code: "unavailable", outage: true });
  });

  it("of the token server are waited out", async () => {
    drive.server.fail(({ path }) => path === "/token", { refuse: 503 });
    drive.server.fail(({ path }) => path === "/token", "lose the answer");
    await put("one");
    expect(visible()).toHaveLength(1);
  });

  it("of the connection are outages", async () => {
    const destination = drive.another({ endpoint: "http://127.0.0.1:9" });
    await expect(destination.exists()).rejects.toMatchObject({ code: "unavailable", outage: true });
  });

  it("of the storage are final", async () => {
    drive.server.quotaBytes = 2;
    await expect(put("one")).rejects.toMatchObject({
      code: "precondition",
      retryable: false,
      failure: {
        reason: expect.stringMatching(/"team" on Google Drive: the storage quota .* used up/),
        remedy: expect.stringContaining("shared drive"),
      },
    });
    expect(visible()).toEqual([]);
  });

  it.each([
    ["insufficientFilePermissions", 403, /no right to write/, true],
    ["accessNotConfigured", 403, /API is not enabled/, true],
    ["insufficientPermissions", 403, /do not include the right/, true],
    ["domainPolicy", 403, /administrator/, false],
    ["numChildrenInNonRootLimitExceeded", 403, /as many files/, false],
  ])("%s names destination, cause and remedy", async (reason, refuse, cause, outage) => {
    drive.server.fail(({ path }) => path.startsWith("/upload"), { refuse, reason });
    const error = await put("one").catch((thrown: unknown) => thrown as PolyreelError);
    expect(error).toMatchObject({ outage, retryable: outage });
    expect((error as PolyreelError).failure.reason).toMatch(cause);
    expect((error as PolyreelError).failure.reason).toContain('"team"');
    expect((error as PolyreelError).failure.remedy).not.toBe("");
  });
});
