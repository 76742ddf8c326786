import { expect, it } from "vitest";
import { parseS3Address } from "./s3-address.js";
import { urlOf } from "./s3-url.js";

const pathStyle = parseS3Address("s3://ads/a?endpoint=http://127.0.0.1:9000");
const ofHost = parseS3Address("s3://ads/a?endpoint=http://s3.example&pathStyle=false");

it.each([
  ["a/b.mp4", "/ads/a/b.mp4"],
  ["a/50% (new)!.mp4", "/ads/a/50%25%20%28new%29%21.mp4"],
  ["a/żółć 👋?#&+'*.mp4", "/ads/a/%C5%BC%C3%B3%C5%82%C4%87%20%F0%9F%91%8B%3F%23%26%2B%27%2A.mp4"],
  ["", "/ads"],
])("encodes the object %j as signatures require", (object, path) => {
  expect(urlOf(pathStyle, { object }).href).toBe(`http://127.0.0.1:9000${path}`);
});

it("addresses the bucket by host name, and encodes queries the same way", () => {
  const url = urlOf(ofHost, { object: "a b", query: { prefix: "a b/(c)", uploads: "" } });
  expect(url.href).toBe("http://ads.s3.example/a%20b?prefix=a%20b%2F%28c%29&uploads=");
});
