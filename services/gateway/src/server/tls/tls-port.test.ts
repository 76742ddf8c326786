import { once } from "node:events";
import { copyFile, writeFile } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type tls from "node:tls";
import { createLog } from "@polyreel/platform/runtime";
import { TestAuthority, type TestCertificate } from "@polyreel/platform/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Handler, type OnePort, openPort } from "../one-port.js";
import { CertificateFiles } from "./certificate-files.js";

const NAMES = "DNS:localhost,IP:127.0.0.1";
const OPTIONS = {
  ...{ host: "127.0.0.1", port: 0, maxConnections: 100, maxConnectionsPerAddress: 100, stallTimeoutMs: 60_000 },
  ...{ maxConcurrentStreams: 100, headersTimeoutMs: 1000, firstCallTimeoutMs: 60_000, idleTimeoutMs: 60_000 },
  graceMs: 500,
};
const LOOK_MS = 20;

let authority: TestAuthority;
let first: TestCertificate;
let second: TestCertificate;
let ca: Buffer;
beforeAll(async () => {
  authority = await TestAuthority.create();
  [first, second, ca] = await Promise.all([
    authority.issue("first", NAMES),
    authority.issue("second", NAMES),
    authority.pem(),
  ]);
});
afterAll(() => authority.close());

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A port with the files of `first`, copied so that they can be replaced. */
async function open(handler: Handler, options: Partial<typeof OPTIONS> = {}) {
  const files = { certificate: join(authority.folder, "used.pem"), key: join(authority.folder, "used.key") };
  const replace = async ({ certificate, key }: TestCertificate) => {
    await copyFile(certificate, files.certificate);
    await copyFile(key, files.key);
  };
  await replace(first);
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line) => void lines.push(line) });
  const certificate = await CertificateFiles.open(files, log, LOOK_MS);
  const port = await openPort(handler, { ...OPTIONS, ...options, certificate });
  opened.push(certificate, port);
  return { port, files, replace, lines };
}

const hello: Handler = (request, response) => {
  response.writeHead(200);
  response.end(`hello over ${request.httpVersion}`);
};

async function get1({ port }: OnePort, options: https.RequestOptions = {}) {
  const call = https.get({ host: "127.0.0.1", port, ca, agent: false, ...options });
  const [response] = (await once(call, "response")) as [http.IncomingMessage];
  const { subject } = (response.socket as tls.TLSSocket).getPeerCertificate();
  return { body: await text(response), certificate: subject.CN };
}

async function get2({ port }: OnePort): Promise<string> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca });
  try {
    return await text(session.request({ ":path": "/" }));
  } finally {
    session.destroy();
  }
}

describe("a port with TLS", () => {
  it("speaks HTTP/2 and HTTP/1.1 by TLS 1.2 and 1.3, and nothing older", async () => {
    const { port } = await open(hello);
    expect(await get2(port)).toBe("hello over 2.0");
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const only = { minVersion: version, maxVersion: version };
      expect((await get1(port, only)).body).toBe("hello over 1.1");
    }
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
    await expect(get1(port, old)).rejects.toThrow(/version/i);
  });

  it("explains itself to clients in plaintext, whatever they speak", async () => {
    const { port } = await open(hello);
    const [response] = (await once(http.get({ host: "127.0.0.1", port: port.port }), "response")) as [
      http.IncomingMessage,
    ];
    expect([response.statusCode, await text(response)]).toEqual([400, expect.stringContaining("https://")]);
    const session = http2.connect(`http://127.0.0.1:${port.port}`);
    const call = session.request({ ":method": "POST", ":path": "/a.B/C", "content-type": "application/grpc" });
    const [headers] = (await once(call, "response")) as [http2.IncomingHttpHeaders];
    expect(headers["grpc-status"]).toBe("9");
    expect(decodeURIComponent(String(headers["grpc-message"]))).toContain("https://");
    session.destroy();
  });

  it("loads a replaced pair without cutting open connections, and keeps the old one if the new one is broken", async () => {
    const { port, files, replace, lines } = await open(hello);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    opened.push({ close: async () => agent.destroy() });
    let isOver = false;
    const failures: unknown[] = [];
    const load = (async () => {
      while (!isOver)
        await Promise.all(
          [get1(port), get2(port), get1(port, { agent })].map((one) =>
            one.catch((error: unknown) => failures.push(error)),
          ),
        );
    })();
    expect((await get1(port)).certificate).toBe("first");
    const open2 = http2.connect(`https://127.0.0.1:${port.port}`, { ca });
    await once(open2, "connect");
    await copyFile(second.key, files.key); // Half of a pair.
    await expect.poll(() => lines.join("")).toMatch(/POLYREEL_TLS_KEY does not belong to the first certificate/);
    expect((await get1(port)).certificate).toBe("first");
    await replace(second);
    await expect.poll(async () => (await get1(port)).certificate).toBe("second");
    await writeFile(files.certificate, "no certificate");
    await expect.poll(() => lines.join("")).toMatch(/does not begin with a certificate/);
    await sleep(5 * LOOK_MS);
    expect(lines.filter((line) => line.includes("does not begin"))).toHaveLength(1);
    expect((await get1(port)).certificate).toBe("second");
    expect(await text(open2.request({ ":path": "/" }))).toBe("hello over 2.0");
    open2.destroy();
    isOver = true;
    await load;
    expect(failures).toEqual([]);
  });

  it("serves others while handshakes are held open, and cuts those that drip", async () => {
    const { port } = await open(hello, { maxConnections: 40, maxConnectionsPerAddress: 30, headersTimeoutMs: 1500 });
    const began = Date.now();
    const held = Array.from({ length: 300 }, () => {
      const socket = net.connect(port.port, "127.0.0.1", () => socket.write(Buffer.from([22, 3, 1, 2, 0])));
      return socket.on("error", () => {});
    });
    const dripping = setInterval(() => held.at(-1)?.write(Buffer.from([1])), 100);
    const closed = once(held.at(-1) as net.Socket, "close");
    await Promise.all(Array.from({ length: 5 }, () => get1(port)));
    expect(await get2(port)).toBe("hello over 2.0");
    await closed;
    clearInterval(dripping);
    expect(Date.now() - began).toBeLessThan(10_000);
    for (const socket of held) socket.destroy();
  });

  it("ends running calls in order when it closes", async () => {
    const answers: (() => void)[] = [];
    const { port } = await open((_, response) => void answers.push(() => response.end("late")));
    const calls = [get1(port).then(({ body }) => body), get2(port)];
    await expect.poll(() => answers.length).toBe(2);
    const closing = port.close();
    for (const answer of answers) answer();
    expect(await Promise.all(calls)).toEqual(["late", "late"]);
    await closing;
    await expect(get1(port)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("the certificate's files", () => {
  const log = createLog("test", "silent");
  const refusal = (certificate: string, key: string) =>
    CertificateFiles.open({ certificate, key }, log).then(
      () => "accepted",
      (error: Error) => error.message,
    );

  it("are refused by the name of the variable if they are missing, foreign or encrypted", async () => {
    const encrypted = join(authority.folder, "encrypted.key");
    await authority.openssl("pkey", "-in", first.key, "-aes256", "-passout", "pass:secret", "-out", encrypted);
    expect(await refusal("/none.pem", first.key)).toMatch(/POLYREEL_TLS_CERT: the file \/none.pem .*ENOENT/);
    expect(await refusal(first.certificate, "/none.key")).toMatch(/POLYREEL_TLS_KEY: the file \/none.key .*ENOENT/);
    expect(await refusal(first.key, first.key)).toMatch(/POLYREEL_TLS_CERT: .* certificate in PEM/);
    expect(await refusal(first.certificate, first.certificate)).toMatch(/POLYREEL_TLS_KEY: .* no private key/);
    expect(await refusal(first.certificate, second.key)).toMatch(/does not belong/);
    expect(await refusal(first.certificate, encrypted)).toMatch(/POLYREEL_TLS_KEY: the key is encrypted/);
  });
});
