import { expect, it } from "vitest";
import { isS3Source, s3SourceOf } from "./s3-source.js";

it.each([
  ["s3://footage/spring/hook.mp4", "footage", "spring/hook.mp4"],
  ["S3://footage/half price #1 100%25.mp4", "footage", "half price #1 100%25.mp4"],
  ["s3://footage/a.mp4?key=secret", "footage", "a.mp4"],
  ["s3://footage//a.mp4", "footage", "/a.mp4"],
  ["s3://footage/", "footage", ""],
  ["s3://footage", "footage", ""],
  ["s3://?key=secret", "", ""],
])("%s is in %j under %j", (url, bucket, key) => {
  expect(isS3Source(url)).toBe(true);
  expect(s3SourceOf(url)).toEqual({ bucket, key });
});

it("leaves other addresses alone", () => {
  expect(isS3Source("https://s3.example/a")).toBe(false);
  expect(s3SourceOf("https://s3.example/a")).toBeUndefined();
});
