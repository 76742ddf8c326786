import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { LinkService } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

const CLIENT = "203.0.113.9";
const FROM_PROXY = { "x-forwarded-for": CLIENT, "x-forwarded-proto": "https", "x-forwarded-host": "studio.example" };

async function linkFrom({ url }: RunningGateway, headers: Record<string, string>): Promise<string> {
  const links = createClient(LinkService, createGrpcTransport({ baseUrl: url }));
  const target = { case: "upload", value: {} } as const;
  return (await links.createLink({ target }, { headers })).url;
}

const statusOf = async ({ url }: RunningGateway, headers: Record<string, string>) =>
  (await fetch(`${url}/api/v1/videos`, { headers })).status;

describe("a gateway behind a trusted proxy", () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway({ trustedProxies: ["127.0.0.0/8"], allowedHosts: ["studio.example"] });
  });
  afterAll(() => gateway.close());

  it("makes links that begin as its clients reach it", async () => {
    expect(await linkFrom(gateway, FROM_PROXY)).toMatch(/^https:\/\/studio\.example\/sources\?/);
    expect(await linkFrom(gateway, {})).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it("tells pages of its own from others by what the proxy states, scheme included", async () => {
    const from = (origin: string) => statusOf(gateway, { ...FROM_PROXY, origin });
    expect(await from("https://studio.example")).toBe(200);
    expect(await from("http://studio.example")).toBe(403);
    expect(await from("https://other.example")).toBe(403);
  });

  it("refuses a name that the proxy passes on, and headers that contradict each other", async () => {
    expect(await statusOf(gateway, { ...FROM_PROXY, "x-forwarded-host": "rebound.example" })).toBe(403);
    expect(await statusOf(gateway, { ...FROM_PROXY, forwarded: "for=192.0.2.1" })).toBe(400);
  });
});

it("believes no forwarded header otherwise", async () => {
  const gateway = await runGateway({ allowedHosts: ["studio.example"] });
  try {
    expect(await linkFrom(gateway, FROM_PROXY)).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(await statusOf(gateway, { ...FROM_PROXY, origin: "https://studio.example" })).toBe(403);
  } finally {
    await gateway.close();
  }
});
