import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService } from "@polyreel/contract";
import { RetryInfoSchema } from "@polyreel/contract/google/rpc/error_details_pb.js";
import { Health } from "@polyreel/contract/grpc/health/v1/health_pb.js";
import { describe, expect, it } from "vitest";
import { runGateway } from "../testing/running-gateway.js";
import { parseRate } from "./parse-rate.js";
import { TokenBuckets } from "./token-buckets.js";

describe("parseRate", () => {
  it.each([
    ["50/s", { perSecond: 50, burst: 50 }],
    ["600/min", { perSecond: 10, burst: 600 }],
    ["36/h burst 2", { perSecond: 0.01, burst: 2 }],
  ])("reads %j", (text, rate) => expect(parseRate(text)).toEqual(rate));

  it.each(["", "50", "0/s", "5/s burst 0", "-1/s", "5/d", "5 / s", "1e3/s", "5/s burst"])("refuses %j", (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );
});

describe("token buckets", () => {
  it("let a burst pass, then the rate, and say how long to wait", () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 3 });
    expect([1, 2, 3, 4].map(() => buckets.take("a", 1000))).toEqual([0, 0, 0, 100]);
    expect(buckets.take("a", 1040)).toBeCloseTo(60);
    expect([buckets.take("a", 1100), buckets.take("a", 1100)]).toEqual([0, 100]);
  });

  it("never hold more than the burst, and refusals cost nothing", () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 3 });
    for (let i = 0; i < 1000; i++) buckets.take("a", 0);
    expect(buckets.take("a", 100)).toBe(0);
    const later = [1, 2, 3, 4].map(() => buckets.take("a", 1e9));
    expect(later.slice(0, 3)).toEqual([0, 0, 0]);
    expect(later[3]).toBeGreaterThan(0);
  });

  it("are one for each caller, in bounded memory", () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, 2);
    expect([buckets.take("a", 0), buckets.take("b", 0), buckets.take("a", 0)]).toEqual([0, 0, 1000]);
    buckets.take("c", 0); // "b" is forgotten.
    expect([buckets.take("b", 0), buckets.take("c", 0)]).toEqual([0, 1000]);
  });
});

describe("a gateway with a rate", () => {
  it("refuses what comes faster in every protocol, saying when to come again, and stays healthy", async () => {
    const gateway = await runGateway({ rate: { perSecond: 0.01, burst: 1 } });
    try {
      const grpc = createGrpcTransport({ baseUrl: gateway.url });
      const connect = createConnectTransport({ baseUrl: gateway.url, httpVersion: "1.1" });
      await createClient(BatchService, grpc).listBatches({});
      for (const transport of [grpc, connect]) {
        const error = await createClient(BatchService, transport)
          .listBatches({})
          .catch((thrown: unknown) => ConnectError.from(thrown));
        if (!(error instanceof ConnectError)) return expect.fail("it was not refused");
        expect(error.code).toBe(Code.ResourceExhausted);
        expect(error.rawMessage).toMatch(/^Requests come faster than the rate of 0.01 a second \(1 at once\)/);
        const [retry] = error.findDetails(RetryInfoSchema);
        expect(Number(retry?.retryDelay?.seconds)).toBeGreaterThan(90);
        expect(Number(error.metadata.get("retry-after"))).toBeGreaterThan(90);
      }
      for (const path of ["/sources", "/api/v1/videos", "/outputs/b/c"]) {
        const response = await fetch(gateway.url + path);
        expect([path, response.status]).toEqual([path, 429]);
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(90);
      }
      expect((await fetch(`${gateway.url}/api/v1/health`)).status).toBe(200);
      expect((await createClient(Health, grpc).check({})).status).toBe(1);
    } finally {
      await gateway.close();
    }
  });
});
