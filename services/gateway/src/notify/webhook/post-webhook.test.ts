import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { admissionOf, WEBHOOKS } from "@polyreel/platform/web";
import { describe, expect, it } from "vitest";
import { type Answer, OTHER_SECRET, SECRET, startReceiver } from "../testing/receiver.js";
import { type PostOptions, postWebhook } from "./post-webhook.js";
import { signatureHeaders } from "./sign.js";

const here = admissionOf("127.0.0.1", WEBHOOKS);
const post = (url: string, options: Partial<PostOptions> = {}, secrets = [SECRET]) =>
  postWebhook(
    { url, body: '{"type":"test"}', headers: signatureHeaders("ntf_1", new Date(), '{"type":"test"}', secrets) },
    {
      admission: here,
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
      timeoutMs: 300,
      signal: new AbortController().signal,
      ...options,
    },
  );

describe("a receiver", () => {
  it.each([
    ["the only secret", [SECRET]],
    ["either secret while they are rotated", [OTHER_SECRET, SECRET]],
  ])("can verify events with %s", async (_, secrets) => {
    await using receiver = await startReceiver();
    expect(await post(receiver.url, {}, secrets)).toMatchObject({ accepted: true, status: 204 });
    expect(receiver.received).toMatchObject([{ id: "ntf_1", event: { type: "test" } }]);
    expect(receiver.received[0]?.headers).toMatchObject({ "content-type": "application/json" });
    await expect.poll(() => receiver.open).toBe(0);
  });

  it.each<[string, Answer, object]>([
    [
      "500",
      (response) => response.writeHead(500).end("broken\0"),
      { status: 500, response: "broken", reason: "It answers 500 (Internal Server Error)." },
    ],
    ["400", (response) => response.writeHead(400).end(), { status: 400 }],
    [
      "429 with Retry-After",
      (response) => response.writeHead(429, { "retry-after": "120" }).end(),
      { status: 429, retryAfterMs: 120_000 },
    ],
    ["410", (response) => response.writeHead(410).end(), { status: 410, gone: true }],
    [
      "a redirect",
      (response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      { status: 302, reason: "It redirects (302), which is not followed: give the address itself." },
    ],
    ["nothing", () => {}, { status: 0, reason: "No response within 0.3 s." }],
    ["by hanging up", (response) => response.destroy(), { status: 0, reason: "The connection was interrupted." }],
  ])("that answers %s has not accepted", async (_, answer, expected) => {
    await using receiver = await startReceiver(answer);
    const outcome = await post(`${receiver.url}?token=5ec2e7`);
    expect(outcome).toMatchObject({ accepted: false, ...expected });
    // Shown beside the receiver.
    expect(outcome.reason).not.toContain(receiver.host);
    expect(JSON.stringify(outcome)).not.toContain("5ec2e7");
    expect(receiver.received).toHaveLength(1);
    await expect.poll(() => receiver.open).toBe(0);
  });

  it("is not read beyond a kilobyte, however much it sends, nor waited for after its status", async () => {
    await using endless = await startReceiver((response) => {
      response.writeHead(200);
      const write = () => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", write);
      write();
    });
    const outcome = await post(endless.url);
    expect(outcome).toMatchObject({ accepted: true, status: 200 });
    expect(outcome.response).toHaveLength(1024);
    await expect.poll(() => endless.open).toBe(0);
    await using slow = await startReceiver((response) => response.writeHead(200).write("begin"));
    expect(await post(slow.url)).toMatchObject({ accepted: true, response: "begin" });
    await expect.poll(() => slow.open).toBe(0);
  });

  it("may echo the address without its key becoming visible", async () => {
    await using echo = await startReceiver((response, { path }) => response.writeHead(500).end(`wrong: ${path}`));
    expect((await post(`${echo.url}?token=5ec2e7`)).response).toBe("wrong: /hook?…");
  });
});

describe("an address", () => {
  it.each([
    ["https://10.0.0.1/", "", "10.0.0.1", /points into an inner network/],
    ["https://inner.example/", "", "10.0.0.1", /^It points into an inner network/],
    ["http://outer.example/", "", "8.8.8.8", /^It is an address of http/],
    ["http://outer.example/", "10.0.0.0/8", "8.8.8.8", /^It is an address of http/],
    ["http://a.example:25/", "a.example", "8.8.8.8", /port 25 is not allowed for webhooks/],
    ["https://user:secret@a.example/", "", "8.8.8.8", /contains a user or password/],
  ])("%s with %j allowed is refused for good", async (url, allowed, address, reason) => {
    const outcome = await post(url, {
      admission: admissionOf(allowed, WEBHOOKS),
      resolve: async () => [{ address, family: 4 }],
    });
    expect(outcome).toMatchObject({ accepted: false, final: true, reason: expect.stringMatching(reason) });
    expect(outcome.reason).not.toContain("secret");
  });

  it("is resolved once: a name that points elsewhere a moment later has no effect", async () => {
    await using receiver = await startReceiver();
    let lookups = 0;
    const resolve = async () => [{ address: ++lookups === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 }];
    const url = receiver.url.replace("127.0.0.1", "hook.example");
    expect(await post(url, { resolve })).toMatchObject({ accepted: true });
    expect(lookups).toBe(1);
  });

  it("that does not speak HTTP is reported", async () => {
    const server: Server = createServer((socket) => socket.once("data", () => socket.end("hello\r\n\r\n")));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const outcome = await post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.close();
    expect(outcome.reason).toMatch(/^The server's answer is not HTTP/);
  });
});

it("ends at once when the gateway does", async () => {
  await using receiver = await startReceiver(() => {});
  const stop = new AbortController();
  const outcome = post(receiver.url, { timeoutMs: 60_000, signal: stop.signal });
  await expect.poll(() => receiver.received.length).toBe(1);
  stop.abort();
  await expect(outcome).rejects.toThrow(/abort/);
  await expect.poll(() => receiver.open).toBe(0);
});
