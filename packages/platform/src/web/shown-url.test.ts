import { describe, expect, it } from "vitest";
import { fileNameOf, shownUrl } from "./shown-url.js";

describe("shownUrl", () => {
  it.each([
    ["https://user:secret@a.example:8443/b/c.mp4?key=secret#secret", "a.example:8443/b/c.mp4"],
    ["https://a.example/?key=secret", "a.example"],
    ["https://a.example/a%0Ab", "a.example/a%0Ab"],
    ["s3://footage/half price #1.mp4?key=secret", "s3://footage/half price #1.mp4"],
    ["not a URL, but secret", "an address that can't be read"],
  ])("%s is shown as %s", (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });

  it("cuts long ones in the middle", () => {
    const shown = shownUrl(`https://a.example/${"x".repeat(4000)}/hook.mp4`);
    expect(shown).toHaveLength(201);
    expect(shown).toMatch(/^a\.example\/x+…x+\/hook\.mp4$/);
  });
});

describe("fileNameOf", () => {
  it.each([
    ["https://a.example/b/c.mp4?key=secret", "c.mp4"],
    ["https://a.example/half%20price.mp4", "half price.mp4"],
    ["https://a.example/a%0Ab.mp4", "a%0Ab.mp4"],
    ["https://a.example/100%.mp4", "100%.mp4"],
    ["https://a.example/b/", "b"],
    ["https://a.example/?key=secret", "a.example"],
    ["s3://footage/spring/half price.mp4?key=secret", "half price.mp4"],
    ["s3://footage/", "footage"],
    ["nonsense", ""],
  ])("%s is called %j", (url, name) => {
    expect(fileNameOf(url)).toBe(name);
  });
});
