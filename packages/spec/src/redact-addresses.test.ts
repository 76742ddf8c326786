import { create, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { normalizeBatch } from "./normalize.js";
import { redactAddresses, redactUrl } from "./redact-addresses.js";

it.each([
  ["https://a.example/b/c.mp4", "https://a.example/b/c.mp4"],
  ["https://user:KEY@a.example:8443/c.mp4#KEY", "https://a.example:8443/c.mp4"],
  ["https://a.example/c.mp4?X-Amz-Signature=KEY&v=2", "https://a.example/c.mp4?X-Amz-Signature=redacted&v=redacted"],
  ["https://a.example/c.mp4?KEY", "https://a.example/c.mp4?redacted"],
  ["https://a.example/c.mp4?a=KEY?b=KEY&KEY", "https://a.example/c.mp4?a=redacted&redacted"],
  ["https://a.example/c.mp4?caf%C3%A9=KEY", "https://a.example/c.mp4?caf%C3%A9=redacted"],
  ["s3://footage/half price #1.mp4?versionId=KEY", "s3://footage/half price #1.mp4"],
  ["https://[KEY", "https://redacted.invalid/"],
])("%s becomes %s", (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted);
  expect(redactUrl(redacted)).toBe(redacted);
});

const url = "https://user:KEY@a.example/c.mp4?sig=KEY";
const source = { location: { case: "url" as const, value: url }, name: url };

it("redacts the addresses of all sources and receivers, names their fields, and changes nothing else", () => {
  const choices = [{ label: "a", media: { case: "source" as const, value: source } }];
  const init: MessageInitShape<typeof BatchSchema> = {
    name: "spring",
    canvas: { backgroundPicture: source },
    blocks: [{ name: "hook", kind: { case: "video", value: { choices } } }],
    notify: [
      { channel: { case: "webhook", value: { url } } },
      { channel: { case: "email", value: { to: ["jane@a.example", "bob@b.example"] } } },
    ],
  };
  const batch = normalizeBatch(create(BatchSchema, init));
  const before = toJsonString(BatchSchema, batch);
  const { batch: shown, redacted } = redactAddresses(batch);
  expect(toJsonString(BatchSchema, batch)).toBe(before);
  const text = toJsonString(BatchSchema, shown);
  expect(text).not.toMatch(/KEY|jane|bob/);
  expect(text.replaceAll("https://a.example/c.mp4?sig=redacted", url)).toBe(
    before.replace("jane@", "redacted@").replace("bob@", "redacted@"),
  );
  expect(redacted).toEqual([
    { block: "hook", choice: "a", field: "source.url" },
    { block: "", choice: "", field: "canvas.backgroundPicture.url" },
    { block: "", choice: "", field: "notify[0].webhook.url" },
    { block: "", choice: "", field: "notify[1].email.to" },
  ]);
});
