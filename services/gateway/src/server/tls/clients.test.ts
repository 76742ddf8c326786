import { type ExecFileException, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { TestAuthority } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));
const GRPCURL = `${ROOT}.programs/go-bin/grpcurl`;
const METHOD = "polyreel.v1.BatchService/ListBatches";
const run = promisify(execFile);

let authority: TestAuthority;
let gateway: RunningGateway;
beforeAll(async () => {
  authority = await TestAuthority.create();
  gateway = await runGateway({ tls: await authority.issue("gateway", "DNS:localhost,IP:127.0.0.1") });
});
afterAll(async () => {
  await gateway.close();
  await authority.close();
});

/** Runs the command line; resolves with what it prints on both outputs. */
async function polyreel(url: string, ca = ""): Promise<string> {
  const env = { ...process.env, POLYREEL_CA: ca, NO_COLOR: "1" };
  return await run(process.execPath, [`${ROOT}cli/bin/polyreel.mjs`, "list", "--server", url], { env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr }: ExecFileException & { stdout: string; stderr: string }) => stdout + stderr,
  );
}

describe("a gateway with a certificate of a private authority", () => {
  it("has an address with https", () => {
    expect(gateway.url).toBe(`https://127.0.0.1:${gateway.port}`);
  });

  it("answers the command line, which explains what is missing otherwise", async () => {
    const { url } = gateway;
    expect(await polyreel(url, authority.certificate)).toMatch(/^There is no batch/);
    expect(await polyreel(url)).toMatch(/issuer that is not known[\s\S]*POLYREEL_CA/);
    expect(await polyreel(url.replace("https", "http"))).toMatch(/refused: This port speaks TLS only: use https:/);
  });

  it.each([
    ["--http1.1", "1.1"],
    ["--http2", "2"],
  ])("answers curl %s", async (flag, version) => {
    const args = ["-sS", flag, "--cacert", authority.certificate, "-w", "%{http_version}", "-o", "/dev/null"];
    expect((await run("curl", [...args, `${gateway.url}/api/v1/health`])).stdout).toBe(version);
  });

  it("answers buf curl, by reflection", async () => {
    const args = ["buf", "curl", "--cacert", authority.certificate, "--protocol", "grpc", "-d", "{}"];
    expect(JSON.parse((await run("npx", ["--no-install", ...args, `${gateway.url}/${METHOD}`])).stdout)).toEqual({});
  });

  it("answers grpcurl", async ({ skip }) => {
    if (!existsSync(GRPCURL)) return skip("grpcurl is not in .programs");
    const { stdout } = await run(GRPCURL, ["-cacert", authority.certificate, `localhost:${gateway.port}`, METHOD]);
    expect(JSON.parse(stdout)).toEqual({});
  });

  it("answers a native gRPC client", async () => {
    const { polyreel } = grpc.loadPackageDefinition(
      loadSync("polyreel/v1/batch_service.proto", { includeDirs: [`${ROOT}proto`] }),
    );
    const { v1 } = polyreel as unknown as { v1: Record<string, grpc.ServiceClientConstructor> };
    const BatchService = v1.BatchService as grpc.ServiceClientConstructor;
    const client = new BatchService(`localhost:${gateway.port}`, grpc.credentials.createSsl(await authority.pem()));
    const listBatches = client.listBatches as (request: object, answered: grpc.requestCallback<object>) => void;
    expect(await promisify(listBatches.bind(client))({})).toEqual({});
    client.close();
  });
});
