import { PolyreelError } from "@polyreel/platform";
import { admissionOf } from "@polyreel/platform/web";
import { describe, expect, it } from "vitest";
import { redirectTarget } from "./redirect-target.js";

const none = admissionOf("");

const refusalOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PolyreelError) return `${error.failure.reason} ${error.failure.remedy} ${String(error.cause)}`;
    throw error;
  }
  throw new Error("It was not refused.");
};

describe("redirectTarget", () => {
  const from = new URL("https://a.example/b/c?key=secret");

  it.each([
    ["d?e=f", "https://a.example/b/d?e=f"],
    ["/d", "https://a.example/d"],
    ["//b.example/d", "https://b.example/d"],
    ["https://b.example/d", "https://b.example/d"],
  ])("%s leads to %s", (location, target) => {
    expect(redirectTarget(from, location, none).href).toBe(target);
  });

  it("accepts a redirect from http to https", () => {
    expect(redirectTarget(new URL("http://a.example/"), "https://a.example/", none).protocol).toBe("https:");
  });

  it.each([
    ["http://a.example/d?key=secret", /from https to http/],
    ["//127.0.0.1/d?key=secret", /inner network/],
    ["https://10.0.0.1/", /inner network/],
    ["file:///etc/passwd", /not file/],
    ["https://user:secret@a.example/", /user or password/],
    ["https://a.example:22/", /port 22/],
    ["https://[", /can't be read/],
  ])("refuses a redirect to %s", (location, reason) => {
    const refusal = refusalOf(() => redirectTarget(from, location, none));
    expect(refusal).toMatch(reason);
    expect(refusal).not.toContain("secret");
  });
});
