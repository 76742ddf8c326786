import { describe, expect, it } from "vitest";
import type { ObjectSettings } from "../destination.js";
import { objectHeaders } from "./object-headers.js";

describe("objectHeaders", () => {
  it("has the output's content type by default, and nothing else", () => {
    expect(objectHeaders("video/mp4")).toEqual({ "content-type": "video/mp4" });
  });

  it("has a header for each setting", () => {
    const settings = {
      contentType: "application/octet-stream",
      contentDisposition: 'attachment; filename="a.mp4"',
      cacheControl: "max-age=60",
      storageClass: "STANDARD_IA",
      metadata: { Campaign: "spring 2026", "cost-centre": "12" },
      public: true,
    };
    expect(objectHeaders("video/mp4", settings)).toEqual({
      "content-type": "application/octet-stream",
      "content-disposition": 'attachment; filename="a.mp4"',
      "cache-control": "max-age=60",
      "x-amz-storage-class": "STANDARD_IA",
      "x-amz-meta-campaign": "spring 2026",
      "x-amz-meta-cost-centre": "12",
      "x-amz-acl": "public-read",
    });
  });

  it.each<[ObjectSettings, string]>([
    [{ contentDisposition: "attachment; filename=é.mp4" }, "contentDisposition"],
    [{ cacheControl: "a\r\nx-amz-acl: public-read" }, "cacheControl"],
    [{ metadata: { "a b": "1" } }, '"a b"'],
    [{ metadata: { "Polyreel-Owner": "1" } }, '"Polyreel-Owner"'],
    [{ metadata: { note: "ż" } }, "metadata.note"],
    [{ metadata: { note: "x".repeat(1001) } }, "1005 bytes"],
  ])("refuses %j", (settings, what) => {
    expect(() => objectHeaders("video/mp4", settings)).toThrow(
      expect.objectContaining({ code: "invalid", message: expect.stringContaining(what) }),
    );
  });
});
