import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Fault, type FaultyProxy, startFaultyProxy } from "./faulty-proxy.js";
import { type S3Server, SEAWEED, startSeaweed } from "./seaweed.js";

/** A server of S3 for all tests of a file, and a proxy in front of it. */
export interface SeaweedInUse {
  readonly server: S3Server;
  readonly proxy: FaultyProxy;
  /** The first request of a method, and perhaps of a query, gets a fault. */
  failFirst(method: string, fault: Fault, query?: string): void;
}

/** To be called once in a file whose tests need SeaweedFS; each test begins without faults. */
export function useSeaweed(): SeaweedInUse {
  let started: { readonly server: S3Server; readonly proxy: FaultyProxy } | undefined;
  const running = () => {
    if (!started) throw new Error("SeaweedFS does not run.");
    return started;
  };
  beforeAll(async () => {
    if (!SEAWEED) return;
    const server = await startSeaweed();
    started = { server, proxy: await startFaultyProxy(server.port) };
  });
  beforeEach(() => {
    if (started) started.proxy.faultOf = () => undefined;
  });
  afterAll(async () => {
    await started?.proxy.close();
    await started?.server.close();
  });
  return {
    get server() {
      return running().server;
    },
    get proxy() {
      return running().proxy;
    },
    failFirst(method, fault, query = "") {
      let done = false;
      running().proxy.faultOf = (request) => {
        if (done || request.method !== method || !request.path.includes(query)) return undefined;
        done = true;
        return fault;
      };
    },
  };
}
