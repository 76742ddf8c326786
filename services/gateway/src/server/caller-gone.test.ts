import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Code } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { isOurFault, toConnectError } from "./errors.js";

it("a caller that closes its connection during a request is not the server's fault", async () => {
  const failure = new Promise<unknown>((resolve) => {
    const server = http.createServer(async (request) => {
      try {
        for await (const _ of request) void _;
      } catch (error) {
        resolve(error);
      } finally {
        server.close();
      }
    });
    server.listen(0, "127.0.0.1", async () => {
      const { port } = server.address() as AddressInfo;
      const call = http.request({ port, method: "POST", headers: { "content-length": 1000 } });
      call.on("error", () => {}); // Its own end.
      call.write("the first bytes");
      await once(server, "request");
      call.destroy();
    });
  });
  const status = toConnectError(await failure);
  expect(status.code).toBe(Code.Canceled);
  expect(isOurFault(status)).toBe(false);
});
