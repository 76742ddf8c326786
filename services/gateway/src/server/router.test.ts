import { expect, it } from "vitest";
import type { Handler } from "./one-port.js";
import { route } from "./router.js";

it.each([
  ["/outputs/b1/c1", "outputs"],
  ["/outputs/raw/c1?range=1", "raw"],
  ["http://videos.example/outputs/b1/c1", "outputs"],
  ["/outputs", "calls"],
  ["/outputsx/b1", "calls"],
  ["/polyreel.v1.BatchService/SubmitBatch?/outputs/", "calls"],
  ["*", "calls"],
  ["", "calls"],
])("routes %j to %s", (url, name) => {
  const taken: string[] = [];
  const named =
    (one: string): Handler =>
    () =>
      void taken.push(one);
  const handler = route({ "/outputs/": named("outputs"), "/outputs/raw/": named("raw") }, named("calls"));
  handler({ url } as Parameters<Handler>[0], {} as Parameters<Handler>[1]);
  expect(taken).toEqual([name]);
});
